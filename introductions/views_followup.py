"""What came of it: the page of a mail's link, and the stories people told for others."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from events.models import Series
from introductions import followup_links, growth
from introductions.followups import FollowUp
from members import portraits
from members.access import joined_required, me, private
from members.models import Member

UNPROCESSABLE = 422
MOST = 100


class TapForm(forms.Form):
    """One of two questions, answered by a tap."""

    in_touch = forms.ChoiceField(choices=FollowUp.Answer.choices[1:], required=False)
    useful = forms.ChoiceField(choices=FollowUp.Answer.choices[1:], required=False)


class StoryForm(forms.ModelForm[FollowUp]):
    """What came of it, and for whom."""

    class Meta:
        model = FollowUp
        fields = ("story", "story_for")
        widgets = {"story": forms.Textarea(attrs={"rows": 4}), "story_for": forms.RadioSelect}


@require_http_methods(["GET", "HEAD", "POST"])
def followup(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows, POST acts; the page tells no other site its address."""
    now = timezone.now()
    row = followup_links.read(token, now=now)
    if row is None:
        return private(render(request, "introductions/unknown.html", status=404))
    story = StoryForm(request.POST if "story_for" in request.POST else None, instance=row)
    taps = TapForm(request.POST)
    if request.method == "POST" and (story.is_valid() if story.is_bound else taps.is_valid()):
        if story.is_bound:
            row.tell(story.cleaned_data["story"], story.cleaned_data["story_for"], now=now)
        elif said := taps.cleaned_data["in_touch"]:
            row.say_in_touch(said, now=now)
        elif said := taps.cleaned_data["useful"]:
            row.say_useful(said, now=now)
        return private(redirect(request.path))
    status = UNPROCESSABLE if request.method == "POST" else 200
    return private(render(request, "introductions/followup.html", {"row": row, "form": story}, status=status))


@joined_required
@require_safe
def stories(request: HttpRequest, slug: str) -> HttpResponse:
    """What members told for the club; the series' hosts also read what is for them."""
    series = get_object_or_404(Series.objects.visible_to(request.user), slug=slug)
    is_host = Series.objects.hosted_by(request.user).filter(pk=series.pk).exists()
    told = FollowUp.objects.of_series(series).stories(for_hosts=is_host)
    rows = list(told.filter(member__in=Member.objects.joined().visible_to(me(request)))[:MOST])
    portraits.show(me(request), (row.member for row in rows))
    context = {"series": series, "stories": rows, "growth": growth.picture(growth.of(series))}
    return render(request, "introductions/stories.html", context)
