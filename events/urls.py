from django.urls import path

from events.views import answers, calendars, desk, door, front, hosting, sessions

urlpatterns = [
    path("", front.front, name="front"),
    path("calendar/", calendars.calendar, name="calendar"),
    path("calendar/rotation/", calendars.rotation, name="calendar_rotation"),
    path("calendar/<slug:code>/<str:token>.ics", calendars.personal, name="personal_calendar"),
    path("sessions/<slug:code>.ics", calendars.session_ics, name="session_ics"),
    path("series/<slug:slug>.ics", calendars.series_ics, name="series_ics"),
    path("desk/", desk.desk, name="desk"),
    path("series/new/", hosting.series_new, name="series_new"),
    path("series/schedule/", hosting.schedule_preview, name="schedule_preview"),
    path("series/<slug:slug>/edit/", hosting.series_edit, name="series_edit"),
    path("series/<slug:slug>/sessions/new/", hosting.session_new, name="session_new"),
    path("sessions/<slug:code>/edit/", hosting.session_edit, name="session_edit"),
    path("sessions/<slug:code>/publication/", hosting.publication, name="publication"),
    path("sessions/<slug:code>/move/", hosting.move, name="session_move"),
    path("sessions/<slug:code>/cancellation/", hosting.cancellation, name="cancellation"),
    path("sessions/<slug:code>/restoration/", hosting.restoration, name="restoration"),
    path("sessions/<slug:code>/roster/", door.roster, name="roster"),
    path("sessions/<slug:code>/roster/closing/", door.closing, name="roster_closing"),
    path("sessions/<slug:code>/roster/reopening/", door.reopening, name="roster_reopening"),
    path("sessions/<slug:code>/copy/", hosting.copy, name="session_copy"),
    path("sessions/<slug:code>/", sessions.session, name="session"),
    path("sessions/<slug:code>/rsvp/", sessions.rsvp, name="session_rsvp"),
    path("sessions/<slug:code>/friends/", sessions.friends, name="session_friends"),
    path("sessions/<slug:code>/friends/<int:pk>/removal/", sessions.friend_removal, name="session_friend_removal"),
    path("m/<slug:code>/", sessions.meeting_point, name="meeting_point"),
    path("series/<slug:slug>/", front.series, name="series"),
    path("series/<slug:slug>/membership/", front.membership, name="series_membership"),
    path("answer/<str:token>/", answers.answer, name="answer"),
]
