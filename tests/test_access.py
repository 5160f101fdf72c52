"""Who may come where: every address, every role. A new address needs a row; a new thing it names, a line below."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product

import pytest
from allauth.mfa.models import Authenticator
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from archive import people_mails
from archive.models import Bulletin, Intake, ListedPerson
from events import calendars
from events.links import answer_link, every_time_link, friend_link, square_link, visit_link, walk_in_link
from events.models import Attendance, Gathering, Idea, JoinLink, Membership, Series, Session, Visit
from introductions import badges, consent
from introductions.acquaintance import Memory
from introductions.ask_links import link as ask_link
from introductions.asks import Ask, Reply
from introductions.favour_links import link as favour_link
from introductions.favours import Favour
from introductions.links import answer_link as introduction_link
from introductions.models import Introduction, Round
from invitations import following, link
from invitations.models import Follower, Invitation, Wish
from members import moving
from members.concerns import Concern
from members.levels import Level
from members.models import Member
from members.refusals import Refusal
from outbox import stops
from outbox.models import Delivery, MailboxMessage, Suppression
from records.models import Intention, Takeaway
from speakers.models import Speaker
from tests.crawl import ROLES, Row, answer, as_before, by_package, client_of, names, visit

# nobody · member (hana, of the series) · host (kosuke) · stranger (mallory, who hosts another series) · operator
TABLE = [
    Row("healthz"),
    Row("readyz", get="503"),
    Row("mail_health", get="login 404 404 404 200", post="login 404 404 404 405"),
    Row("mail_limits", get="login 404 404 404 405", post="login 404 404 404 422"),
    Row("mail_test", get="login 404 404 404 405", post="login 404 404 404 302"),
    Row("mail_release {suppressed}", get="login 404 404 404 405", post="login 404 404 404 302"),
    Row("mail_retry {failed}", get="login 404 404 404 405", post="login 404 404 404 302"),
    Row("about"),
    Row("mail_help"),
    Row("profile", get="login 200", post="login 302", sends={"name": "花", "industry": "I"}),
    Row("news", get="login 200", post="login 422"),
    Row("news_removal", get="login 405", post="login 302"),
    Row("line", get="404", post="404", note="no account at LINE"),
    Row("line_removal", get="404", post="404", note="no account at LINE"),
    Row("line_webhook", get="404", post="404", note="no account at LINE"),
    Row("line_health", get="login 404", post="login 404", note="no account at LINE"),
    Row("address", get="login 302", post="login 302", note="the address works"),
    Row("address_code", get="login 405", post="login 302", note="the address works"),
    Row("address_change", get="login 302", post="login 302", note="signed in long ago"),
    Row("address_change_code", get="login 302", post="login 302", note="signed in long ago"),
    Row("address_undo {undo}", post="200"),
    Row("operator", get="login 404 404 404 403", post="login 404 404 404 403", note="no app"),
    Row("operator_accounts", get="login 404 404 404 403", post="login 404 404 404 403", note="no app"),
    Row("operator_account {member}", get="login 404 404 404 403", post="login 404 404 404 403", note="no app"),
    Row("operator_deed {member} closing", get="login 404 404 404 403", post="login 404 404 404 403", note="no app"),
    Row("operator_club", get="login 404 404 404 403", post="login 404 404 404 403", note="no app"),
    Row("club_export", get="login 404 404 404 403", post="login 404 404 404 403", note="no app"),
    Row("club_export_file", get="login 404 404 404 403", post="login 404 404 404 403", note="no app"),
    Row("club_export_removal", get="login 404 404 404 403", post="login 404 404 404 403", note="no app"),
    Row("operator_record", get="login 404 404 404 403", post="login 404 404 404 403", note="no app"),
    Row("profile_preview", get="login 200", post="login 405"),
    Row("apart", get="login 200", post="login 405"),
    Row("distance {member}", get="login 405", post="login 302"),
    Row("distance_removal {member}", get="login 405", post="login 404", note="nobody keeps away"),
    Row("concern", get="login 200", post="login 422"),
    Row("concern_about {member}", get="login 200", post="login 422"),
    Row("concerns_mine", get="login 200", post="login 405"),
    Row("my_data", get="login 302", post="login 302", note="signed in long ago"),
    Row("data_file", get="login 302", post="login 302", note="signed in long ago"),
    Row("data_zip {member}", get="login 302", post="login 302", note="signed in long ago"),
    Row("erasure", get="login 302", post="login 302", note="signed in long ago"),
    Row("concerns", get="login 404 200 200 200", post="login 404 405 405 405"),
    Row("concern_look {concern}", get="login 404 200 200 200", post="login 404 422 422 422"),
    Row("refusals", get="login 404 200 200 200", post="login 404 422 422 422"),
    Row("refusal_removal {refusal}", get="login 404 405 405 405", post="login 404 302 302 302"),
    Row("directory", get="login 403 403 403 200", post="login 405", note="nobody came twice"),
    Row("member {member}", get="login 200", post="405"),
    Row("member_photo {member} large", get="login 404", post="login 405", note="no photo"),
    Row("member_photo {member} small", get="login 404", post="login 405", note="no photo"),
    Row("set_language", get="405", post="302", sends={"language": "en"}),
    Row("account_login", get="200 302", post="302", sends={"email": "ken@example.com"}),
    Row("account_confirm_login_code", get="login 302", post="login 302", note="no code was asked for"),
    Row("mfa_login_webauthn", get="login 302", post="login 302", note="no passkey"),
    Row("account_signup", get="200 302", post="302", sends={"email": "new@example.com"}),
    Row("account_email_verification_sent", get="302", post="302", note="no code was asked for"),
    Row("account_logout", get="302 200", post="302"),
    Row("mfa_authenticate", get="login 302", post="login 302", note="no code was asked for"),
    Row("account_reauthenticate", get="login 200", post="login 422"),
    Row("again_code", get="login 405", post="login 302"),
    Row("account_inactive"),
    Row("account_email", get="302", post="302"),
    Row("account", get="login 200", post="login 405"),
    Row("app", get="login 302", post="login 302", note="signed in long ago"),
    Row("app_removal", get="login 302", post="login 302", note="signed in long ago"),
    Row("recovery_codes", get="login 302", post="login 302", note="signed in long ago"),
    Row("identity google", get="405", post="404", note="not offered"),
    Row("identity_back google", get="404", post="405", note="not offered"),
    Row("identity_linking google", get="login 302", post="login 302", note="signed in long ago"),
    Row("identity_removal google", get="login 302", post="login 302", note="signed in long ago"),
    Row("devices_end", get="login 405", post="login 302"),
    Row("device_end abc", get="login 405", post="login 404", note="of another"),
    Row("mfa_index", get="login 200", post="login 405"),
    Row("mfa_list_webauthn", get="login 200", post="login 405"),
    Row("mfa_add_webauthn", get="login 302", post="login 302", note="signed in long ago"),
    Row("mfa_remove_webauthn {passkey}", get="login 302", post="login 302", note="signed in long ago"),
    Row("front"),
    Row("session {session}"),
    Row("session {draft}", get="404 404 200 404 200", note="a draft"),
    Row("session_picture {session}"),
    Row("session_picture {draft}", get="404", note="a draft"),
    Row("session_rsvp {session}", get="405", post="login 302", sends={"partstat": "ACCEPTED"}),
    Row("session_rsvp {draft}", get="405", post="login 404 409 404 409", sends={"partstat": "ACCEPTED"}),
    Row("session_friends {session}", get="405", post="login 409", sends={"name": "友だち"}, note="not coming oneself"),
    Row("session_details {session}", get="405", post="login 409", note="not coming oneself"),
    Row("session_listing {session}", get="405", post="login 302", sends={"listed": "no"}),
    Row("session_asking {session}", get="login 404 200 404 200", post="login 404 422 404 422"),
    Row("session_friend_removal {session} 1", get="405", post="login 302"),
    Row("meeting_point {meeting}"),
    Row("card_photo {meeting} door", get="404", note="no photo was given"),
    Row("card_renewal {session}", get="login 405", post="login 404 302 404 302"),
    Row("restaurant {session}", get="login 404 200 404 200", post="login 404 422 404 422"),
    Row("restaurant_sheet {session}", get="login 404 200 404 200", post="login 405"),
    Row("talks", get="login 200", post="login 422"),
    Row("talk_hearing {idea}", get="login 405", post="login 302", sends={"hear": "yes"}),
    Row("talk_question {idea}", get="login 405", post="login 302", sends={"text": "なぜ？"}),
    Row("talk_taking {idea}", get="login 405", post="login 302", sends={"take": "yes"}),
    Row("talk_removal {idea}", get="login 405", post="login 302", note="hana's; mallory hosts a series"),
    Row("talk_asking {idea}", get="login 405", post="login 404 302 302 302", sends={"member": "{member}"}),
    Row("talk_planning {idea}", get="login 405", post="login 404", sends={"session": "{session}", "minutes": "9"}),
    Row("gatherings {series}", get="login 200 200 404 200", post="login 422 422 404 422"),
    Row("gathering_answer {gathering}", get="login 405", post="login 302 302 404 302"),
    Row("places", get="login 404 200 200 200", post="login 405"),
    Row("place_new", get="login 404 200 200 200", post="login 404 422 422 422"),
    Row("place {place}", get="login 404 200 200 200", post="login 404 422 422 422"),
    Row("place_photo {place}", get="login 404", post="login 405", note="no photo was given"),
    Row("place_moving {place}", get="login 404 200 200 200", post="login 404 422 422 422"),
    Row("place_archiving {place}", get="login 405", post="login 404 302 302 302"),
    Row("place_return {place}", get="login 405", post="login 404 302 302 302"),
    Row("host_photo", get="login 404 200 200 200", post="login 404 422 422 422"),
    Row("host_photo_file", get="login 404", post="login 405", note="no photo was given"),
    Row("host_photo_removal", get="login 405", post="login 302"),
    Row("series {series}"),
    Row("series_membership {series}", get="200 302 302 200 200", post="login 302 302 422 422"),
    Row("series_first {series}"),
    Row("series_joining {series}", get="login 404 200 404 200", post="login 404 422 404 422"),
    Row("join_link {series}", get="login 405", post="login 404 302 404 302"),
    Row("join_link_removal {series}", get="login 405", post="login 404 302 404 302"),
    Row("join_answer {series} 1", get="login 405", post="login 404"),
    Row("join {join}", get="200 302 302 200 200", post="login 302 302 422 422"),
    Row("join nonsense", get="404", post="404", note="no link of ours"),
    Row("series_leaving {series}", get="405", post="login 302"),
    Row("answer {answer}", post="302", sends={"partstat": "ACCEPTED"}),
    Row("answer nonsense", get="404", post="404", note="no link of ours"),
    Row("inbound nonsense", get="405", post="404", note="no secret is set"),
    Row("my_mails", get="login 200", post="login 302"),
    Row("mail_choices {mails}", post="200"),
    Row("mail_choices nonsense", get="404", post="404", note="no link of ours"),
    Row("mail_stop {mails}", post="200"),
    Row("mail_stop nonsense", get="404", post="404", note="no link of ours"),
    Row("answer_friends {answer}", get="405", post="409", sends={"name": "友だち"}, note="not coming oneself"),
    Row("answer_friends nonsense", get="405", post="404", note="no link of ours"),
    Row("visit_new {session}", get="200 302", post="302", sends={"name": "雪", "email": "yuki@example.com"}),
    Row("visit_new {draft}", get="404 404 302 404 302", post="404 404 302 404 302"),
    Row("visit {visit}", post="422"),
    Row("visit_mail {visit}", get="405", post="302"),
    Row("visit_confirmation {yes}", post="302"),
    Row("visit_confirmation nonsense", get="404", post="404", note="no link of ours"),
    Row("roster_marks {session}", get="login 404 200 404 200", post="login 404 422 404 422"),
    Row("roster_walk_ins {session}", get="login 405", post="login 404 422 404 422"),
    Row("walk_in_mail {past} {walked_in}", get="login 405", post="login 404 422 404 422"),
    Row("same_person {past} {walked_in}", get="login 405", post="login 404", note="nobody of that name"),
    Row("check_in {member} nonsense", post="200", note="nothing is said but where it is read"),
    Row("square {square}", post="405"),
    Row("square nonsense", get="404", post="405", note="no link of ours"),
    Row("walk_in {becoming}", post="302"),
    Row("listed_person {listed}", post="422"),
    Row("listed_person {listed}", post="302", sends={"answer": "no"}, note="a no"),
    Row("listed_person nonsense", get="404", post="404", note="no link of ours"),
    Row("walk_in nonsense", get="404", post="404", note="no link of ours"),
    Row("friend {friend}", post="302"),
    Row("friend nonsense", get="404", post="404", note="no link of ours"),
    Row("session_headcount {session}", get="login 405", post="login 404 302 404 302"),
    Row("understood nonsense", get="404", post="404", note="no link of ours"),
    Row("understanding {session}", get="login 405", post="login 404", note="nobody answered"),
    Row("unreached {session}", get="login 404 200 404 200", post="login 404 404 404 404", note="nobody was told"),
    Row("calendar", get="login 200", post="login 405"),
    Row("calendar_rotation", get="login 405", post="login 302"),
    Row("personal_calendar {member} {feed}"),
    Row("personal_calendar {member} wrong", get="404", post="405", note="a wrong secret"),
    Row("session_ics {session}"),
    Row("series_ics {series}"),
    Row("desk", get="login 404 200 200 200", post="login 405"),
    Row("series_new", get="login 403 403 403 200", post="login 403 403 403 422"),
    Row("schedule_preview", get="login 200", post="login 405"),
    Row("series_edit {series}", get="login 404 200 404 200", post="login 404 422 404 422"),
    Row("series_reminders {series}", get="login 404 200 404 200", post="login 404 422 404 422"),
    Row("series_answers {series}", get="login 404 200 404 200", post="login 404 302 404 302"),
    Row("series_every_time {series}", get="login 200 200 404 404", post="login 422 422 404 404"),
    Row("every_time {every_time}", post="422"),
    Row("series_seats {series}", get="login 404 200 404 200", post="login 404 422 404 422"),
    Row("series_hosts {series}", get="login 404 200 404 200", post="login 405"),
    Row("series_role {series} {member}", get="login 405", post="login 404", note="ken does not belong to it"),
    Row("series_offer {series}", get="login 405", post="login 404 422 404 422"),
    Row("series_offer_withdrawal {series}", get="login 405", post="login 404 302 404 302"),
    Row("series_taking_over {series}", get="login 302", post="login 302", note="signed in long ago"),
    Row("series_stepping_down {series}", get="login 405", post="login 404 409 404 404", note="the only owner"),
    Row("series_activity {series}", get="login 404 200 404 200", post="login 405"),
    Row("session_new {series}", get="login 404 200 404 200", post="login 404 422 404 422"),
    Row("session_edit {session}", get="login 404 200 404 200", post="login 404 422 404 422"),
    Row("session_messages {session}", get="login 404 200 404 200", post="login 404 422 404 422"),
    Row("session_reminders {session}", get="login 404 200 404 200", post="login 404 302 404 302", note="no rules"),
    Row("session_answers {session}", get="login 404 200 404 200", post="login 404 302 404 302"),
    Row("session_seats {session}", get="login 404 200 404 200", post="login 404 422 404 422"),
    Row("session_host {session}", get="login 404 200 404 200", post="login 404 302 404 409"),
    Row("session_move {session}", get="login 404 200 404 200", post="login 404 422 404 422"),
    Row("cancellation {session}", get="login 404 200 404 200", post="login 404 422 404 422"),
    Row("restoration {session}", get="login 405", post="login 404 302 404 302"),
    Row("session_jobs {session}", get="login 405", post="login 302", note="no such job"),
    Row("session_job_removal {session} door", get="login 405", post="login 404 302 404 302"),
    Row("session_clock {session}", get="login 404 200 404 200", post="login 405"),
    Row("session_copy {session}", get="login 405", post="login 404 302 404 302"),
    Row("wishes", get="login 200", post="login 422"),
    Row("wish_support {wish}", get="login 405", post="login 302"),
    Row("wish_removal {wish}", get="login 405", post="login 302", note="hana's wish; mallory hosts a series"),
    Row("speaker_follow {speaker}", get="405", post="404", note="announced nowhere yet"),
    Row("following {following}", post="200"),
    Row("following wrong", get="404", post="404", note="a wrong secret"),
    Row("session_questions {session}", get="login 404 200 404 200", post="login 405"),
    Row("question_up {session} 1", get="login 405", post="login 404 302 404 302"),
    Row("question_hiding {session} 1", get="login 405", post="login 404 302 404 302"),
    Row("session_brief {session}", get="login 404 200 404 200", post="login 405"),
    Row("invitation_new {session}", get="login 404 200 404 200", post="login 404 422 404 422"),
    Row("invitation {invitation}", get="login 404 200 404 200", post="login 405"),
    Row("invitation_edit {invitation}", get="login 404 200 404 200", post="login 404 422 404 422"),
    Row("invitation_sending {invitation}", get="login 405", post="login 404 302 404 302"),
    Row("invitation_handover {invitation}", get="login 405", post="login 404 302 404 302"),
    Row("invitation_reminder {invitation}", get="login 405", post="login 404 302 404 302"),
    Row("invitation_date {invitation}", get="login 405", post="login 404 302 404 302"),
    Row("invitation_answer {invitation}", get="login 405", post="login 404 422 404 422"),
    Row("invitation_link {invitation}", get="login 405", post="login 404 302 404 302"),
    Row("invitation_link_revocation {invitation}", get="login 405", post="login 404 302 404 302"),
    Row("invitation_morning {invitation}", get="login 404 200 404 200", post="login 404 302 404 302"),
    Row("report_showing {session}", get="login 405", post="login 404", note="no guest has accepted"),
    Row("invitation_report {invitation}", get="login 405", post="login 404 302 404 302"),
    Row("invitation_thanks {invitation}", get="login 405", post="login 404 422 404 422"),
    Row("letter_by_link {invitation} {letter}", post="302", sends={"part": "reply", "answer": "decline"}),
    Row("letter_by_link {invitation} wrong", get="404", post="404", note="a wrong secret"),
    Row("letter_picture_by_link {invitation} {letter} nonsense", get="404", note="no photo"),
    Row("letter_picture {invitation} nonsense", get="404", note="no photo"),
    Row("letter_face_by_link {invitation} {letter}", get="404", note="no photo"),
    Row("letter_face {invitation}", get="404", note="no photo"),
    Row("letter_cover_by_link {invitation} {letter} nonsense", get="404", note="no book"),
    Row("letter_cover {invitation} nonsense", get="404", note="no book"),
    Row("letter_slides_by_link {invitation} {letter} nonsense", get="404", note="no file"),
    Row("letter_slides {invitation} nonsense", get="404", note="no file"),
    Row("letter {invitation}", get="404", post="404", note="nobody answered in this browser"),
    Row("books"),
    Row("book_cover nonsense nonsense", get="404", note="no book"),
    Row("speaker {speaker}", get="404 404 200 200 200", note="merely invited"),
    Row("speaker_photo {speaker}", get="404", note="no photo"),
    Row("speaker_face {speaker}", get="login 405", post="login 404 422 422 422"),
    Row("speaker_edit {speaker}", get="login 404 200 200 200", post="login 404 422 422 422"),
    Row("speaker_books {speaker}", get="login 405", post="login 404 422 422 422"),
    Row("speaker_book_removal {speaker} nonsense", get="login 405", post="login 404", note="no book"),
    Row("morning {session}", get="login 404 302 404 302", post="login 405", note="not yet on"),
    Row("lateness {session}", get="login 405", post="login 404", sends={"minutes": "10"}, note="nobody has a seat"),
    Row("fees {session}", get="login 404", post="login 404", note="not yet begun"),
    Row("fee_payment {session}", get="login 405", post="login 404", note="not yet begun"),
    Row("fee_waiver {session}", get="login 405", post="login 404", note="not yet begun"),
    Row("session_clock_longer {session}", get="login 405", post="login 404 302 404 302", note="nothing runs"),
    Row("talk_up {session} 1", get="login 405", post="login 404", note="no such talk"),
    Row("fee_payment_rest {session}", get="login 405", post="login 404", note="not yet begun"),
    Row("fee_payment_removal {session}", get="login 405", post="login 404", note="not yet begun"),
    Row("series_purse {series}", get="login 200 200 404 200", post="login 200 422 404 422"),
    Row("purse_entry_removal {series} 1", get="login 405", post="login 404"),
    Row("series_receipts {series}", get="login 404 200 404 200", post="login 404 422 404 422"),
    Row("receipt {session}", get="login 404", post="login 404", note="nobody came yet"),
    Row("receipt_taking nonsense", get="login 405", post="login 404"),
    Row("receipt_voiding nonsense", get="login 405", post="login 404"),
    Row("receipt_book_copy nonsense", get="login 404", post="login 405"),
    Row("papers {session}", get="login 404 200 404 200", post="login 405"),
    Row("paper {session} badges", get="login 404 200 404 200", post="login 405"),
    Row("paper {session} nonsense", get="login 404", post="login 405", note="no such paper"),
    Row("tables {session}", get="login 404 200 404 200", post="login 405"),
    Row("tables_screen {session}", get="login 404 200 404 200", post="login 405"),
    Row("table_plan {session}", get="login 405", post="login 404 302 404 302"),
    Row("table_seat {session}", get="login 405", post="login 404 422 404 422"),
    Row("memory {met}", get="login 200 404 404 404", post="login 302 404 404 404", note="only hana keeps a card"),
    Row("exchange {met}", get="login 405", post="login 302 404 404 404", sends={"said": "yes"}),
    Row("vcard {met}", get="login 404", post="login 405", note="nobody has the card"),
    Row("badge", get="login 200", post="login 405"),
    Row("badge_scan {member} {badge}", get="login 200", post="login 302"),
    Row("badge_scan {member} wrong", get="login 404", post="login 404", note="a wrong secret"),
    Row("cards {past}", get="login 200 404 404 404", post="login 302 404 404 404", note="only hana came"),
    Row("circle", get="login 200", post="login 405"),
    Row("attended", get="login 200", post="login 405"),
    Row("roster {session}", get="login 404 200 404 200", post="login 405"),
    Row("roster_closing {session}", get="login 405", post="login 404 409 404 409", note="not yet begun"),
    Row("roster_closing {closed}", get="login 405", post="login 404 302 404 302", note="again"),
    Row("roster_excuse {closed}", get="login 405", post="login 404 302 404 302"),
    Row("roster_reopening {closed}", get="login 405", post="login 404 409 404 409", note="introductions went out"),
    Row("introductions", get="login 200", post="login 405"),
    Row("introductions_consent", get="login 405", post="login 302", sends={"agree": "yes"}),
    Row("introductions_pause", get="login 405", post="login 302", sends={"length": "once"}),
    Row("introduction_answer {introduction}", get="login 405", post="login 302 404 404 404", sends={"answer": "yes"}),
    Row("introduction_by_mail {asked}", post="302", sends={"answer": "yes"}),
    Row("introduction_followup nonsense", get="404", post="404", note="no link of ours"),
    Row("introductions_openness", get="login 405", post="login 302"),
    Row("favours", get="login 200", post="login 405"),
    Row("favour_new", get="login 200", post="login 422"),
    Row("favour {favour}", get="login 200 404 404 404", post="login 422 404 404 404", note="hana's"),
    Row("favour_thanks {favour}", get="login 405", post="login 404", note="not made"),
    Row("favour_by_mail {favour_mail}", post="302", sends={"answer": "no"}),
    Row("favour_by_mail nonsense", get="404", post="404", note="no link of ours"),
    Row("asks", get="login 200", post="login 405"),
    Row("ask_new", get="login 200", post="login 422"),
    Row("ask {ask}", get="login 200 404 404 404", post="login 405 404 404 404", note="hana's"),
    Row("ask_by_mail {ask_mail}", post="302", sends={"said": "help", "line": "どうぞ"}),
    Row("ask_by_mail nonsense", get="404", post="404", note="no link of ours"),
    Row("ask_touch {ask}", get="login 405", post="login 404", note="nobody answered"),
    Row("ask_showing {ask}", get="login 405", post="login 404", note="nobody answered"),
    Row("ask_closing {ask}", get="login 405", post="login 302 404 404 404"),
    Row("series_stories {series}", get="login 200", post="login 405"),
    Row("introduction_by_mail nonsense", get="404", post="404", note="no link of ours"),
    Row("session_introductions {closed}", get="login 404 200 404 200", post="login 405"),
    Row("session_matching {closed}", get="login 405", post="login 404 302 404 302"),
    Row("session_release {closed}", get="login 405", post="login 404 302 404 302"),
    Row("introduction_drop {introduction}", get="login 405", post="login 404 302 404 302"),
    Row("introduction_keeping {introduction}", get="login 405", post="login 404 302 404 302"),
    Row("introduction_lock {introduction}", get="login 405", post="login 404 302 404 302"),
    Row("introduction_unlocking {introduction}", get="login 405", post="login 404 302 404 302"),
    Row("introduction_swap {introduction}", get="login 405", post="login 404 422 404 422"),
    Row("session_introductions_time {closed}", get="login 405", post="login 404 302 404 302"),
    Row("series_introductions {series}", get="login 404 200 404 200", post="login 404 422 404 422"),
    Row("archive"),
    Row("figures"),
    Row("suggestions"),
    Row("guest_suggestions"),
    Row("feed"),
    Row("series_feed {series}"),
    Row("series_exports {series}", get="login 404 200 404 200", post="login 405"),
    Row("series_export {series} members", get="login 405", post="login 404 200 404 200"),
    Row("series_export {series} whole", get="login 405", post="login 404 200 404 200"),
    Row("series_export {series} calendar", get="login 405", post="login 404 200 404 200"),
    Row("series_export {series} nonsense", get="login 405", post="login 404", note="no such table"),
    Row("sitemap"),
    Row("robots"),
    Row("api_document"),
    Row("api_all_series"),
    Row("api_series {series}"),
    Row("api_sessions"),
    Row("api_session {session}"),
    Row("api_session {draft}", get="404"),
    Row("api_guest {speaker}", get="404", note="not announced anywhere"),
    Row("api_my_answers", get="401", note="a browser is no token"),
    Row("api_my_attendances", get="401", note="a browser is no token"),
    Row("api_hosted_sessions", get="401", note="a browser is no token"),
    Row("api_nothing nowhere", get="404"),
    Row("api_tokens", get="login 302", post="login 302", note="signed in long ago"),
    Row("api_token_end {member}", get="login 302", post="login 302", note="signed in long ago"),
    Row("intakes {series}", get="login 404 200 404 200", post="login 404 422 404 422"),
    Row("intake_fetch {series}", get="login 405", post="login 404 422 404 422", note="without a key"),
    Row("intake {series} {intake}", get="login 404 200 404 200", post="login 405"),
    Row("intake_columns {series} {intake}", get="login 404 302 404 302", post="login 404 302 404 302", note="no table"),
    Row("intake_refused {series} {intake}", get="login 404 200 404 200", post="login 405"),
    Row("intake_taking {series} {intake}", get="login 405", post="login 404 302 404 302"),
    Row("intake_undoing {series} {intake}", get="login 405", post="login 404 302 404 302"),
    Row("intake_removal {series} {intake}", get="login 405", post="login 404 302 404 302"),
    Row("bulletins", get="login 200", post="login 405"),
    Row("bulletin {bulletin}", get="login 200", post="login 405"),
    Row("bulletin {past}", get="login 404", post="login 405", note="not sent"),
    Row(
        "session_bulletin {past}", get="login 404 200 404 200", post="login 404 422 404 422", sends={"chosen": "line:0"}
    ),
    Row("session_bulletin {bulletin}", get="login 404 302 404 302", post="login 404 302 404 302", note="sent"),
    Row("session_bulletin {session}", get="login 404", post="login 404", note="not yet over"),
    Row("session_bulletin_mail {past}", get="login 404 200 404 200", post="login 405"),
    Row("report {past}", get="login 404 200 404 200", post="login 404 422 404 422"),
    Row("report {session}", get="login 404", post="login 404", note="not yet begun"),
    Row("session_words {session}", get="login 404 200 404 200", post="login 405"),
    Row("takeaway {past}", get="login 200 404 404 404", post="login 422 404 404 404", note="only hana came"),
    Row("takeaway_removal {past}", get="login 405", post="login 302 404 404 404", note="hana's line"),
    Row("intention {past}", get="login 405", post="login 302 404 404 404", note="for herself alone"),
    Row("intention_by_mail nonsense", get="404", post="404", note="no link of ours"),
    Row("takeaway_hiding {past} {line}", get="login 405", post="login 404 302 404 302"),
    Row("pictures {past}", get="404", note="there are none"),
    Row("pictures_kept {past}", get="login 404 200 404 200", post="login 404 200 404 200", note="no button"),
    Row("pictures_kept {session}", get="login 404", post="login 404", note="not yet begun"),
    Row("picture nonsense", get="404", note="no photo"),
    Row("picture_small nonsense", get="404", note="no photo"),
    Row("picture_hiding nonsense", get="login 405", post="login 404", note="no photo"),
    Row("handouts_kept {past}", get="login 404 200 404 200", post="login 404 200 404 200", note="no button"),
    Row("handout nonsense", get="404", note="no file"),
    Row("mailbox"),
    Row("mail {mail}"),
    Row("mail_page {mail}"),
    Row("gallery"),
    Row("gallery_mail rsvp.confirmed ja", get="404", note="without the sample club"),
    Row("gallery_page rsvp.confirmed ja", get="404", note="without the sample club"),
    Row("styleguide"),
    Row("sign_in_as {member}", get="405", post="302"),
]


def things(request: pytest.FixtureRequest) -> dict[str, str]:
    """What the addresses name: {name: the argument as text}."""
    get = request.getfixturevalue
    visit = Visit.ask(get("session"), name="雪", email="yuki@example.com", now=timezone.now())
    invitation = a_letter(get("session"), get("sato"), get("kosuke"))
    introduction = an_introduction(get("make_session"), get("hana"), get("ken"))
    return {
        "session": get("session").code,
        "draft": get("make_session")(published_at=None).code,
        "meeting": get("session").meeting_code,
        "place": get("series").venue.code,
        "idea": Idea.propose(get("hana"), title="話", about="", offers=False, now=timezone.now()).code,
        "gathering": a_gathering(get("series"), get("hana")).code,
        "join": JoinLink.objects.create(series=get("series")).key,
        "answer": answer_link(get("hana"), get("session")).split("/")[-2],
        "every_time": every_time_link(get("hana"), get("series"), until=timezone.now()).split("/")[-2],
        "visit": visit.code,
        "yes": visit_link(visit).split("/")[-2],
        "series": get("series").slug,
        "member": seen(get("ken")).code,
        "concern": something_told(get("hana"), get("ken")).code,
        "refusal": str(Refusal.objects.add("refused@example.com", "", now=timezone.now()).pk),
        "met": Memory.objects.create(owner=get("hana"), other=get("ken")).other.code,
        "badge": badges.address(get("ken")).split("/")[-2],
        "feed": calendars.feed_token(get("ken")),
        "mails": stops.token(a_mail_to(get("hana")), [("letter", "series:1")], now=timezone.now()),
        "speaker": get("sato").code,
        "invitation": invitation.code,
        "letter": link.address(invitation).split("/")[-2],
        "wish": a_wish(get("hana")).code,
        "friend": a_friend(get("session"), get("person")("tomo")),
        "following": a_follower(get("sato")),
        "closed": introduction.round.session.code,
        "introduction": introduction.code,
        "asked": introduction_link(introduction, get("hana")).split("/")[-2],
        "favour": (favour := a_favour(get("hana"), get("ken"))).code,
        "favour_mail": favour_link(favour, get("ken")).split("/")[-2],
        "ask": (reply := an_ask(get("hana"), get("ken"))).ask.code,
        "ask_mail": ask_link(reply).split("/")[-2],
        "past": (line := a_line(get("make_session"), get("hana"))).session.code,
        "line": str(line.pk),
        "walked_in": str((row := a_walk_in(line.session)).pk),
        "becoming": walk_in_link(row).split("/")[-2],
        "square": square_link(get("hana"), get("session")).split("/")[-2],
        "bulletin": a_bulletin(get("make_session"), get("kosuke")).session.code,
        "intake": an_intake(get("series"), get("kosuke")).code,
        "listed": a_listed_person(get("series"), get("kosuke")),
        "undo": a_former_address(get("person")("moved")),
        "passkey": str(passkey_of(get("ken")).pk),
        "mail": str(a_mail().pk),
        "failed": str(a_failure().pk),
        "suppressed": str(an_address_that_bounces().pk),
    }


def a_gathering(series: Series, member: Member) -> Gathering:
    """That waits for a host's word."""
    when = timezone.now() + timedelta(days=3)
    return Gathering.objects.create(series=series, member=member, title="昼", starts_at=when)


def seen(member: Member) -> Member:
    """One whom every member may see."""
    Member.objects.filter(pk=member.pk).update(name_level=Level.MEMBERS)
    return member


def something_told(teller: Member, about: Member) -> Concern:
    """Without a name."""
    return Concern.objects.tell(teller, about, "誘われた", kind="canvassing", named=False, now=timezone.now())


def a_former_address(member: Member) -> str:
    moving.move(member, f"new-{member.email}", now=timezone.now())
    return moving.undo_url(member.former_addresses.get()).split("/")[-2]


def passkey_of(member: Member) -> Authenticator:
    return Authenticator.objects.create(user=member, type=Authenticator.Type.WEBAUTHN, data={"name": "Mac"})


def an_intake(series: Series, host: Member) -> Intake:
    """Read, and not taken in yet."""
    return Intake.objects.create(series=series, member=host, kind="jsonl", name="a", columns={}, read_at=timezone.now())


def a_listed_person(series: Series, host: Member) -> str:
    """Named by a list, and not asked yet."""
    person = ListedPerson.objects.create(
        series=series, intake=an_intake(series, host), digest="d", email="listed@example.com", name="水無瀬 健吾"
    )
    return people_mails.link(person).split("/")[-2]


def a_wish(member: Member) -> Wish:
    told = {"name": "雨貝 一樹", "book_title": "", "why": "売り場の話を聞きたい", "way": ""}
    return Wish.propose(member, **told, now=timezone.now())


def a_friend(session: Session, member: Member) -> str:
    """One who comes on a member's word."""
    session.rsvp(member, "ACCEPTED", now=timezone.now())
    friend = session.add_friend(member, "友だち", email="friend@example.com", now=timezone.now())
    return friend_link(friend).split("/")[-2]


def a_walk_in(session: Session) -> Attendance:
    """One who left an address at the door."""
    return Attendance.objects.create(session=session, name="水無瀬 健吾", email="kengo@example.com")


def a_follower(speaker: Speaker) -> str:
    follower = Follower.objects.create(speaker=speaker, email="reader@example.com")
    return following.address(follower, works=timedelta(days=1)).split("/")[-2]


def a_letter(session: Session, speaker: Speaker, host: Member) -> Invitation:
    """One that was handed to the guest."""
    state = Invitation.State.ASKED
    return Invitation.objects.create(session=session, speaker=speaker, host=host, greeting="拝啓", state=state)


def a_mail() -> MailboxMessage:
    """One that came into the mailbox, with a page of its own styles."""
    mail = EmailMultiAlternatives("朝会", "text", "a@example.com", ["hana@example.com"])
    mail.attach_alternative('<html><head></head><body style="margin:0">朝会</body></html>', "text/html")
    return MailboxMessage.objects.create(recipients=["hana@example.com"], subject="朝会", raw=mail.message().as_bytes())


def a_mail_to(member: Member) -> Delivery:
    """One that went out, with links to choose which come."""
    return Delivery.objects.create(kind="bulletin", key="test:mails", to=member.email, language="ja")


def a_failure() -> Delivery:
    """One that was given up."""
    return Delivery.objects.create(kind="x", key="x", to="x@example.com", language="ja", failed_at=timezone.now())


def an_address_that_bounces() -> Suppression:
    now = timezone.now()
    return Suppression.objects.create(
        address="gone@example.com", hard_bounces=2, last_at=now, reason="5.1.1", since=now
    )


def a_line(make_session: Callable[..., Session], author: Member) -> Takeaway:
    """What the only one who came took home."""
    session = make_session(starts_at=timezone.now() - timedelta(days=3))
    Attendance.objects.create(session=session, member=author)
    Intention.objects.create(session=session, member=author, text="湯気を見る")
    return Takeaway.objects.create(session=session, member=author, text="湯気の向こう")


def a_bulletin(make_session: Callable[..., Session], host: Member) -> Bulletin:
    """A monthly letter that went out."""
    now = timezone.now()
    session = make_session(starts_at=now - timedelta(days=20))
    values = {"greeting": "皆さま", "language": "ja", "chosen": [f"morning:{session.pk}"]}
    bulletin = Bulletin.objects.keep(session, now=now, **values)
    bulletin.send(now=now, actor=host)
    return bulletin


def an_introduction(make_session: Callable[..., Session], first: Member, second: Member) -> Introduction:
    """One that was asked after a morning whose list was closed."""
    now = timezone.now()
    session = make_session(starts_at=now - timedelta(hours=3), roster_closed_at=now)
    for member in (first, second):
        consent.give(member, now=now)
    round_ = Round.objects.create(session=session, seed=session.code, computed_at=now)
    introduction = Introduction.objects.create(round=round_, first=first, second=second, value=1)
    round_.release(now=now, actor=None)
    introduction.refresh_from_db()
    return introduction


def a_favour(asker: Member, connector: Member) -> Favour:
    """One that was asked and waits for an answer."""
    day = timezone.now() + timedelta(days=7)
    values = {"why": "味噌を仕込みたくて", "forward": "花です", "subject": "発酵"}
    return Favour.objects.create(asker=asker, connector=connector, until=day, ends_at=day, **values)


def an_ask(asker: Member, member: Member) -> Reply:
    """One that went to somebody who has not answered."""
    now = timezone.now()
    ask = Ask.objects.create(asker=asker, question="発酵のこと", until=now + timedelta(days=7))
    return Reply.objects.create(ask=ask, member=member, words=["発酵"], asked_at=now)


def people(request: pytest.FixtureRequest) -> dict[str, Member]:
    """Somebody for each role but nobody."""
    get = request.getfixturevalue
    other = Series.objects.create(slug="evening", name="夜の会", starts_on="2024-01-10", at="19:00")
    Membership.objects.create(series=other, member=get("mallory"), role=Membership.Role.OWNER)
    operator = get("person")("operator", is_staff=True)
    return {"member": get("hana"), "host": get("kosuke"), "stranger": get("mallory"), "operator": operator}


@pytest.mark.parametrize("rows", by_package(TABLE).values(), ids=by_package(TABLE))
def test_everybody_is_answered_as_the_table_says(rows: list[Row], request: pytest.FixtureRequest, db: None) -> None:
    named, cast = things(request), people(request)
    clients, wrong = {role: client_of(role, cast) for role in ROLES}, {}
    for row, method in product(rows, ("get", "post")):
        said = {role: answer(visit(as_before(clients[role]), method, row, named)) for role in ROLES}
        wrong |= {} if said == row.expected(method) else {(row.page, row.note, method): said}
    assert wrong == {}


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace"])
def test_no_page_takes_another_method(method: str, request: pytest.FixtureRequest, db: None) -> None:
    """Refused, or sent to the sign-in page; nothing is there for who may not see it. The API says so as JSON."""
    named, cast = things(request), people(request)
    said = set()
    for role in ("nobody", "host"):
        client = client_of(role, cast)
        said |= {
            (row.name, code) for row in TABLE
            if (code := answer(getattr(client, method)(row.url(named)))) not in {"405", "404", "403", "login", "302"}
        }  # fmt: skip
    assert said == set()


def test_every_address_has_a_row() -> None:
    assert sorted(set(names()) ^ {row.name for row in TABLE}) == []
