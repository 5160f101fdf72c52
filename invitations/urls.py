from django.urls import path

from invitations.views import afterwards, following, guests, hosting, letter, questions, taking_over, wishes

urlpatterns = [
    path("sessions/<slug:code>/invitations/new/", hosting.invitation_new, name="invitation_new"),
    path("sessions/<slug:code>/host/", taking_over.session_host, name="session_host"),
    path("sessions/<slug:code>/questions/", questions.session_questions, name="session_questions"),
    path("sessions/<slug:code>/questions/<int:pk>/up/", questions.question_up, name="question_up"),
    path("sessions/<slug:code>/questions/<int:pk>/hiding/", questions.question_hiding, name="question_hiding"),
    path("sessions/<slug:code>/brief/", questions.brief, name="session_brief"),
    path("invitations/<slug:code>/", hosting.invitation, name="invitation"),
    path("invitations/<slug:code>/edit/", hosting.invitation_edit, name="invitation_edit"),
    path("invitations/<slug:code>/morning/", hosting.morning, name="invitation_morning"),
    path("invitations/<slug:code>/sending/", hosting.sending, name="invitation_sending"),
    path("invitations/<slug:code>/handover/", hosting.handover, name="invitation_handover"),
    path("invitations/<slug:code>/reminder/", hosting.reminder, name="invitation_reminder"),
    path("invitations/<slug:code>/answer/", hosting.answer, name="invitation_answer"),
    path("invitations/<slug:code>/date/", hosting.date, name="invitation_date"),
    path("invitations/<slug:code>/link/", hosting.link_renewal, name="invitation_link"),
    path("invitations/<slug:code>/link/revocation/", hosting.link_revocation, name="invitation_link_revocation"),
    path("invitations/<slug:code>/report/", afterwards.report_showing, name="invitation_report"),
    path("invitations/<slug:code>/thanks/", afterwards.thanks, name="invitation_thanks"),
    path("letters/<slug:code>/", letter.letter, name="letter"),
    path("letters/<slug:code>/pictures/<slug:picture>/", letter.letter_picture, name="letter_picture"),
    path(
        "letters/<slug:code>/<str:token>/pictures/<slug:picture>/", letter.letter_picture, name="letter_picture_by_link"
    ),
    path("letters/<slug:code>/<str:token>/", letter.letter_by_link, name="letter_by_link"),
    path("wishes/", wishes.wishes, name="wishes"),
    path("wishes/<slug:code>/support/", wishes.wish_support, name="wish_support"),
    path("wishes/<slug:code>/removal/", wishes.wish_removal, name="wish_removal"),
    path("guests/<slug:code>/following/", following.follow, name="speaker_follow"),
    path("following/<str:token>/", following.following, name="following"),
    path("books/", guests.books, name="books"),
    path("guests/<slug:code>/", guests.speaker, name="speaker"),
    path("guests/<slug:code>/edit/", guests.speaker_edit, name="speaker_edit"),
    path("guests/<slug:code>/books/", guests.speaker_books, name="speaker_books"),
]
