"""What became of acquaintances. That two were introduced stays with the other, who may meet nobody twice."""

from members.personal_data import Policy, Step, deleted, nothing, of, register

POLICIES = (
    Policy("introductions.Exchange", exports=of("member"), erases=deleted("member", "other")),
    Policy("introductions.Memory", exports=of("owner"), erases=deleted("owner", "other")),
    Policy(
        "introductions.Introduction",
        exports=of("first", "second"),
        erases=(Step(of("first", "second"), {"terms": {}}),),
        secret=("first_answer", "second_answer", "first_answered_at", "second_answered_at", "value", "locked_at"),
    ),
    Policy(
        "introductions.Three",
        exports=of("first", "second", "third"),
        why="that three met is the others' too, like a pair",
    ),
    Policy("introductions.FollowUp", exports=of("member"), erases=deleted("member")),
    Policy(
        "introductions.Lookout",
        erases=deleted("first", "second"),
        why="whom to look for at the next breakfast; deleted when it is over",
    ),
    Policy("introductions.Pause", exports=of("member"), erases=deleted("member")),
    Policy("introductions.Openness", exports=of("member"), erases=deleted("member")),
    Policy(
        "introductions.Favour",
        exports=of("asker"),
        erases=deleted("asker", "connector", "other"),
        secret=("connector_said", "other_said"),
    ),
    Policy("introductions.Ask", exports=of("asker"), erases=deleted("asker")),
    Policy("introductions.Reply", exports=of("member"), erases=deleted("member")),
    *nothing("numbers of people, no names", "introductions.Round", "introductions.TableSeat", "introductions.Policy"),
    *nothing("an hour, no names", "introductions.LookoutRun"),
)

register(*POLICIES)
