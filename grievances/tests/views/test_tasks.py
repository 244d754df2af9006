"""The pages of what has to be done in a case."""

import pytest
from django.urls import reverse

from core.tests.pages import said
from grievances.factories import GrievanceFactory, TaskFactory

pytestmark = pytest.mark.django_db


def test_information_is_asked_for_reminded_of_and_checked_off(client_of):
    case, browser = GrievanceFactory(), client_of("staff")
    page = browser.get(reverse("task_add", args=[case.pk, "information"]))
    assert ("Ask the employer for information" in page.text, 'name="person"' in page.text) == (True, False)
    typed = {"what": "The overtime list", "asked_on": "2026-08-20", "due": "2026-08-27"}
    answer = browser.post(reverse("task_add", args=[case.pk, "information"]), typed)
    assert (answer["Location"], said(answer)) == (case.get_absolute_url(), ["Noted."])
    task = case.tasks.get()
    shown = browser.get(case.get_absolute_url()).text
    assert [word in shown for word in ("The overtime list", "Overdue", "Remind")] == [True] * 3
    for name, given in (("remind", {"day": "2026-08-28"}), ("done", {"done_on": "2026-08-29"})):
        task.refresh_from_db()
        browser.post(reverse(f"task_{name}", args=[task.pk]), given | {"version": str(task.version)})
    task.refresh_from_db()
    assert (str(task.reminded_on), str(task.done_on)) == ("2026-08-28", "2026-08-29")
    assert browser.get(reverse("task_edit", args=[task.pk])).status_code == 409


def test_a_to_do_is_changed_and_struck(client_of, people):
    task, browser = TaskFactory(person=people["officer"]), client_of("staff")
    typed = {"what": "Write to him", "person": str(people["officer"].pk), "due": "", "version": "1"}
    assert said(browser.post(reverse("task_edit", args=[task.pk]), typed)) == ["Saved."]
    browser.post(reverse("task_drop", args=[task.pk]), {"reason": "He called"})
    page = browser.get(task.grievance.get_absolute_url()).text
    assert "<del>Write to him</del>" in page
    assert browser.get(reverse("task_add", args=[task.grievance_id, "nothing"])).status_code == 404
