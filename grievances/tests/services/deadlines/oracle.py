"""The count once more, day by day and without a thought for speed; shares no line with what it judges."""

import datetime as dt


def is_closed(day, holidays, closures, saturdays_open):
    if any(first <= day <= last for first, last in closures):
        return True
    if day in holidays:
        return True
    name = day.strftime("%a")
    return name == "Sun" or (name == "Sat" and not saturdays_open)


def counts(day, unit, holidays, closures, saturdays_open):
    if any(first <= day <= last for first, last in closures):
        return False
    if unit == "calendar":
        return True
    if unit == "no_holidays":
        return day not in holidays
    return not is_closed(day, holidays, closures, saturdays_open)


def naive_due(start, days, unit, *, event_day_counted, rolls, holidays, closures, saturdays_open):
    """Tick every day on the wall calendar until enough are ticked."""
    ticked = []
    day = start if event_day_counted else start + dt.timedelta(days=1)
    while True:
        if counts(day, unit, holidays, closures, saturdays_open):
            ticked.append(day)
        if len(ticked) == days:
            break
        day = day + dt.timedelta(days=1)
    while rolls and is_closed(day, holidays, closures, saturdays_open):
        day = day + dt.timedelta(days=1)
    return day
