"""A letter that was sent is the club's; who sent it has no name afterwards."""

from members.personal_data import Policy, cleared, register

POLICIES = (Policy("archive.Bulletin", erases=cleared("sent_by", sent_by=None), why="written for the club"),)

register(*POLICIES)
