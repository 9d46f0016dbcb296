"""Secrets and personal data are found where they stand; stand-ins and look-alikes are left alone.

The keys are made up and put together at run time, so that no scanner takes this file for a leak.
"""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from curator.checks import Context, run_checks
from curator.checks.support.private import SECRET_KINDS, find_private, prompt_text
from curator.model import Finding, Message, Output, ToolCall, Turn
from tests.checks.turns import turn_of

RANDOM = "9fKq2LxV7bTz4WmRc8YpJ6hNs3DgQa5Ue1Bo"
HEX = "9f2c41d07be85a36c1f0e7d2948b6a53"
JWT = f"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI0NzExIiwibmFtZSI6IkFubiJ9.{RANDOM}"

SECRETS = {
    "ghp_" + RANDOM: "token",
    "github_pat_11ABCDEFG0" + RANDOM + "_" + RANDOM[:20]: "token",
    "glpat-" + RANDOM[:20]: "token",
    "sk-proj-" + RANDOM: "token",
    "sk-ant-api03-" + RANDOM: "token",
    "AKIA" + "J7QK4MZ2XW9VB3NT": "token",
    "xoxb-" + "2847561930-4729103856-" + RANDOM[:24]: "token",
    "hf_" + RANDOM[:34]: "token",
    "npm_" + RANDOM: "token",
    "AIza" + RANDOM[:35]: "token",
    "sk_live_" + RANDOM[:24]: "token",
    "SG." + RANDOM[:22] + "." + (RANDOM + RANDOM)[:43]: "token",
    JWT: "token",
    "postgres://ann:t7Rq9vKx@db.acme-prod.net:5432/app": "connection string",
    "mongodb+srv://svc:Zp4!mQ82w@cluster0.ab1cd.mongodb.net/x": "connection string",
    "redis://:v9Lk3Pq7@10.1.2.3:6379": "connection string",
}
ASSIGNED = [
    ('password = "Tr0ub4dor&3x"', "Tr0ub4dor&3x"),
    ("DB_PASSWORD=kX9!vQ2mLp", "kX9!vQ2mLp"),
    (f'{{"client_secret": "{HEX}"}}', HEX),
    (f'"api_key": "{RANDOM}",', RANDOM),
    (rf"{{\"api_key\": \"{RANDOM}\"}}", RANDOM),
    ("export SERVICE_TOKEN=" + RANDOM, RANDOM),
    ("password: aB3#fG7&kL9!.", "aB3#fG7&kL9!"),
    ("curl -H 'Authorization: Bearer " + RANDOM + "' https://a.b", RANDOM),
    ("Authorization: Basic YW5uOnQ3UnE5dkt4", "YW5uOnQ3UnE5dkt4"),
    ("mysql --user ann --password kX9!vQ2mLp", "kX9!vQ2mLp"),
    (
        "DefaultEndpointsProtocol=https;AccountKey=" + (RANDOM * 3)[:86] + "==;",
        "AccountKey=" + (RANDOM * 3)[:86] + "==",
    ),
]
PERSONAL = [
    ("open /home/tvan/src/app.py", "/home/tvan", "path"),
    ("in /Users/paula.e/notes", "/Users/paula.e", "path"),
    (r"C:\Users\Katrin\Documents", r"C:\Users\Katrin", "path"),
    (r'"C:\\Users\\Katrin\\x"', r"C:\\Users\\Katrin", "path"),
    ("write to ann.miller@gmx.de.", "ann.miller@gmx.de", "mail"),
    ("<k.o+news@mail.uni-koeln.de>", "k.o+news@mail.uni-koeln.de", "mail"),
    ("call +49 171 4829305 today", "+49 171 4829305", "phone number"),
    ("ring +1 (415) 867-2094", "+1 (415) 867-2094", "phone number"),
    ("+4917148293056", "+4917148293056", "phone number"),
    ("her number is (212) 736-4809", "(212) 736-4809", "phone number"),
    ("212-736-4809", "212-736-4809", "phone number"),
    ("Telefon: 0221 4839 275", "0221 4839 275", "phone number"),
    ("ssh 93.184.215.14 -p 22", "93.184.215.14", "IP address"),
    ("IBAN DE02 1203 0000 0000 2020 51", "DE02 1203 0000 0000 2020 51", "IBAN"),
    ("card 4539 1488 0343 6467", "4539 1488 0343 6467", "card number"),
]
HARMLESS = [
    "api_key=YOUR_API_KEY",
    'api_key = "<your-api-key-here>"',
    "token: ${GITHUB_TOKEN}",
    "password: $DB_PASSWORD",
    'password="{{ vault.password }}"',
    'os.environ["API_KEY"]',
    "api_key = os.environ.get('SERVICE_API_KEY_2')",
    "password = config['Database']['password']",
    "token = CancellationToken2()",
    "self.api_key = settings.api_key_v2",
    '"password": "string"',
    "'password': 'mypass'",
    'password = "hunter2"',
    'password="test1234!"',
    '"tokens": 500, "max_tokens": 2048',
    'token_ids: tokenizer.encode("raw2 output")',
    f'"password_hash": "{HEX}"',
    '"token_count": "12345678901234567"',
    '"tokenizer": "Qwen2.5-Coder-7B-Instruct"',
    '"access_token": "xxxxxxxxxxxxxxxxxxxx"',
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "AKIAIOSFODNN7EXAMPLE",
    "sk-your-key-goes-here-please-now",
    "task-force-meeting-with-the-whole-team",
    "sk-learn-contrib-feature-extraction-lib",
    "hf_hub_download_with_retries_and_a_cache",
    "Bearer <token>",
    "Authorization: Bearer $TOKEN",
    "postgres://user:password@localhost:5432/db",
    "postgresql://postgres:postgres@db/x",
    "postgresql+psycopg2://scott:tiger@hostname/dbname",
    "mysql://ann:t7Rq9vKx@<host>/x and mysql://ann:t7Rq9vKx@example.com/x",
    "mail a@b.com",
    "https://example.com:8080/@scope/package",
    "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
    "the Basic authentication scheme",
    f"commit {HEX}",
    "secret: the place was empty, token: none",
    "/home/user/project and /Users/username/x",
    "https://site.org/home/ann/page",
    "/home/$USER/x",
    r"C:\Users\<name>\x",
    "/api/Users/list",
    "user@example.org, johndoe@example.com, boss@company.com",
    "git@github.com:org/repo.git",
    "@app.command() and x@y.command",
    "npm i react@18.2.0 left-pad@latest",
    "n@pytest.fixture",
    "noreply@anthropic.com",
    "2026-02-13T12:03:18+0100 2026-02-13 12:03:18",
    "1760000000123 17600001234567890",
    "id 4829-1930-5821",
    "v1.2.3.4 and version 93.184.215.14",
    "127.0.0.1 192.168.1.20 10.0.0.7 172.16.3.9 0.0.0.0 192.0.2.44 8.8.8.8",
    "1.2.3.4.5 300.1.2.3",
    "3.14159265358979 and 2718281828.459045",
    "+1 555 0100, (555) 123-4567, +1234567890, 123-456-7890",
    "a = b +4917148293 * 2) +4917148293",
    "4111 1111 1111 1111 and 4242424242424242",
    "4539 1488 0343 6468",
    "DE89 3704 0044 0532 0130 00",
    "DE03 1203 0000 0000 2020 51",
    "lines 1021-1048, 3012-3055",
    "0xdeadbeef 00000000-0000-0000-0000-000000000000",
    "@@ -10,7 +10,9 @@",
    "0221 4839 275 widgets were sold",
]


def kinds_in(text: str) -> list[tuple[str, str]]:
    return [(one.kind, text[one.start : one.end]) for one in find_private(text)]


PLACES = ("{}", "use {} now", 'key: "{}",', "https://a.b/?t={}", "`{}`\n")
PLACED = [
    (shown, kind, around)
    for shown, kind in SECRETS.items()
    for around in PLACES
    if not ("://" in shown and "://" in around)
]
"""A connection string does not stand within another address."""


@pytest.mark.parametrize(("shown", "kind", "around"), PLACED)
def test_keys_are_known_by_their_shape(shown: str, kind: str, around: str) -> None:
    text = around.format(shown)
    ((found_kind, found),) = kinds_in(text)
    assert found_kind == kind or "key:" in around
    assert shown.startswith(found) if kind == "connection string" else found == shown


@pytest.mark.parametrize(("text", "shown"), ASSIGNED)
def test_values_are_known_by_the_word_before_them(text: str, shown: str) -> None:
    ((kind, found),) = kinds_in(text)
    assert kind in SECRET_KINDS
    assert found == shown


def test_a_private_key_is_found_whole_also_when_it_is_cut_or_escaped() -> None:
    body = "\n".join([RANDOM + RANDOM[:28]] * 4)
    block = f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----"
    escaped = block.replace("\n", "\\n")
    assert kinds_in(f"x {block} y") == [("private key", block)]
    assert kinds_in(f'"{escaped}"') == [("private key", escaped)]
    assert kinds_in(block[:150])[0][0] == "private key"


@pytest.mark.parametrize(("text", "shown", "kind"), PERSONAL)
def test_personal_data_are_found(text: str, shown: str, kind: str) -> None:
    assert kinds_in(text) == [(kind, shown)]


@pytest.mark.parametrize("text", HARMLESS)
def test_stand_ins_and_look_alikes_are_left_alone(text: str) -> None:
    assert kinds_in(text) == []


def test_findings_do_not_overlap_and_a_secret_wins() -> None:
    text = f"postgres://ann:{RANDOM}@93.184.215.14/x and /home/tvan/y"
    found = find_private(text)
    assert [one.kind for one in found] == ["connection string", "path"]
    assert all(one.end <= other.start for one, other in pairwise(found))


@given(st.text(max_size=300), st.sampled_from([*SECRETS, *(text for text, *_ in PERSONAL)]))
def test_spans_lie_in_any_text(before: str, private: str) -> None:
    text = f"{before} {private}"
    found = find_private(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert any(text[one.start : one.end] in private for one in found)


def secrets_of(turn: Turn) -> tuple[Finding, ...]:
    return run_checks(turn, Context(), only=["secret"])


def test_the_raw_output_is_looked_at() -> None:
    turn = turn_of(f"<think>Use ghp_{RANDOM}.</think>Saved for ann.miller@gmx.de")
    first, second = secrets_of(turn)
    assert (first.severity, first.message) == ("error", "a token in the output")
    assert (second.severity, second.message) == ("warning", "a mail in the output")
    (evidence,) = first.evidence
    assert evidence.field == "raw"
    assert turn.raw[evidence.start : evidence.end] == f"ghp_{RANDOM}"


def test_what_escapes_hide_is_found_in_the_arguments_and_said_once() -> None:
    call = '{"name": "f", "arguments": {"text": "x\\nann.miller@gmx.de", "n": ["/home/tvan/x"]}}'
    findings = secrets_of(turn_of(f"<tool_call>{call}</tool_call>"))
    assert [(one.message, one.evidence[0].field) for one in findings] == [
        ("a path in the output", "raw"),
        ("a mail in the arguments of f", "calls"),
    ]


def test_the_name_of_an_argument_counts() -> None:
    output = Output(tool_calls=(ToolCall("login", {"user": "ann", "password": "kX9!vQ2mLp"}),))
    (finding,) = secrets_of(replace(turn_of(""), output=output, structured=True))
    assert finding.message == "a password in the arguments of login"


def test_fields_are_looked_at_where_the_log_held_fields() -> None:
    output = Output(thinking="so\nann.miller@gmx.de", content="in /home/tvan/x")
    turn = replace(turn_of('{"content": "in /home/tvan/x"}'), output=output, structured=True)
    spans = {one.evidence[0].field: one.evidence[0] for one in secrets_of(turn)}
    assert set(spans) == {"thinking", "content"}
    assert "so\nann.miller@gmx.de"[spans["thinking"].start : spans["thinking"].end] == "ann.miller@gmx.de"


def test_only_new_messages_of_the_prompt_are_looked_at() -> None:
    prompt = (
        Message("user", "my old mail is old.mail@gmx.de"),
        Message("assistant", "noted"),
        Message("tool", "nothing"),
        Message("user", "and now ann.miller@gmx.de"),
    )
    turn = replace(turn_of("ok"), prompt=prompt)
    (finding,) = secrets_of(turn)
    (evidence,) = finding.evidence
    assert finding.message == "a mail in a user message"
    assert evidence.field == "prompt"
    assert prompt_text(prompt)[evidence.start : evidence.end] == "ann.miller@gmx.de"
    assert secrets_of(replace(turn, prompt=prompt[:3])) == ()
    (first,) = secrets_of(replace(turn, prompt=prompt[:1]))
    assert first.evidence[0].start == prompt[0].content.index("old.mail")


def test_detect_secrets_is_loaded_only_where_a_key_may_be() -> None:
    script = (
        "import sys; from curator.checks.support.private import find_private;"
        "find_private('mail ann.miller@gmx.de in /home/tvan, password=\"kX9!vQ2mLp\"');"
        "assert 'detect_secrets' not in sys.modules;"
        f"assert find_private('ghp_{RANDOM}'); assert 'detect_secrets' in sys.modules"
    )
    done: Any = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "part", ["eyJ", "ghp_", "xoxb-1-", "a@b.", "/home/", "password=", "+1 ", "bearer ", "1.1."]
)
def test_hostile_texts_take_no_long_time(part: str) -> None:
    began = perf_counter()
    find_private(part * 12_000)
    assert perf_counter() - began < 5
