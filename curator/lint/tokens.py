"""Special tokens of chat templates that were left in the texts of rows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from curator.model import Message

_NAMES = (
    r"<\|(?:endoftext|im_start|im_end|eot_id|eom_id|begin_of_text|end_of_text|start_header_id|end_header_id"
    r"|end_of_turn|endofprompt|assistant|user|system|pad|fim_prefix|fim_middle|fim_suffix)\|>"
    r"|<｜(?:begin▁of▁sentence|end▁of▁sentence|User|Assistant)｜>"
    r"|<(?:start_of_turn|end_of_turn|bos|eos|pad|unk)>"
    r"|\[/?INST\]|<</?SYS>>"
)
_TOKEN = re.compile(rf"(?<!`)(?:{_NAMES})(?!`)|\A<s>|</s>\s*\Z")
_HINT = re.compile(rb"<\||\xef\xbd\x9c|INST\]|SYS>>|_of_turn>|<(?:bos|eos|pad|unk)>|</?s>|u003c")
_FENCED = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_CONTENT = re.compile(rb"<\|endoftext\|>")


def special_tokens(data: bytes, messages: Sequence[Message], *, is_template: bool) -> tuple[str, ...]:
    """Return the special tokens in a row, each once; tokens that are quoted as code are none.

    ``data`` is the row as it stands in the file: an end mark that the reader of its format takes off
    is found there. In a text that a template wrote (``is_template``) only messages are looked at.
    """
    if not _HINT.search(data):
        return ()
    found = [token for message in messages for token in _TOKEN.findall(_FENCED.sub("", message.content))]
    if not is_template:
        found += [token.decode() for token in _CONTENT.findall(data)]
    return tuple(dict.fromkeys(token.strip() for token in found))
