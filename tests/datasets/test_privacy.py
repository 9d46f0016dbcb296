"""Turns with secrets are to be looked through until somebody has; rows come first."""

from __future__ import annotations

from pathlib import Path

from curator.datasets.privacy import hideable, to_look_at
from curator.model import Finding, Message, Redaction
from curator.profiles import Profile
from curator.review import Desk
from tests.factories import fill, make_turn, open_store

MAIL = Finding("secret", "warning", "a mail in the output")
KEY = Finding("secret", "error", "a key in the output")


def test_what_is_looked_through_or_left_out_is_no_longer_listed(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    fill(store, [make_turn(n) for n in range(3)], (MAIL, MAIL))
    store.turns.set_findings({3: (MAIL, KEY)})
    desk = Desk(store, Profile(name="p"), "ann")
    assert list(to_look_at(store)) == [3, 1, 2]
    desk.verdict(2, "correct")
    assert list(to_look_at(store)) == [2, 3, 1]
    desk.redact(2, ())
    desk.redact(1, (Redaction("request 0", "[name]"),))
    assert list(to_look_at(store)) == [3]
    desk.verdict(3, "skip")
    assert not to_look_at(store)
    desk.undo()
    desk.undo()
    assert list(to_look_at(store)) == [3, 1]
    store.close()


def test_arguments_and_prompts_are_looked_through() -> None:
    prompt = (Message("user", "Write to jane.roe@nordwind-kontor.de, jane.roe@nordwind-kontor.de"),)
    (mail,) = hideable(make_turn(0, prompt=prompt))
    assert (mail.text, mail.kind, mail.times) == ("jane.roe@nordwind-kontor.de", "mail", 2)
    assert mail.redaction == Redaction(mail.text, "[mail]")
