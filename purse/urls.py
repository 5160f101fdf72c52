from django.urls import path

from purse import views, views_receipts

urlpatterns = [
    path("sessions/<slug:code>/fees/", views.fees, name="fees"),
    path("sessions/<slug:code>/fees/payments/", views.payment, name="fee_payment"),
    path("sessions/<slug:code>/fees/payments/rest/", views.payment_rest, name="fee_payment_rest"),
    path("sessions/<slug:code>/fees/payments/removal/", views.payment_removal, name="fee_payment_removal"),
    path("sessions/<slug:code>/fees/waiver/", views.waiver, name="fee_waiver"),
    path("series/<slug:slug>/purse/", views.purse, name="series_purse"),
    path("series/<slug:slug>/purse/<int:pk>/removal/", views.entry_removal, name="purse_entry_removal"),
    path("series/<slug:slug>/receipts/", views_receipts.receipts, name="series_receipts"),
    path("sessions/<slug:code>/receipt/", views_receipts.receipt, name="receipt"),
    path("receipts/<slug:code>/taking/", views_receipts.taking, name="receipt_taking"),
    path("receipts/<slug:code>/voiding/", views_receipts.voiding, name="receipt_voiding"),
    path("receipts/<slug:code>.pdf", views_receipts.book_copy, name="receipt_book_copy"),
]
