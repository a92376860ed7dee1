"""The wire formats that the scripted provider speaks: OpenAI Chat Completions, OpenAI Responses, Anthropic Messages.

A dialect reads a request body into an `Asked` and writes what a script does as the bytes of that format. Usage is the
same for every answer where the script says nothing else, so that a test can say exactly what must be recorded.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any, Protocol

INPUT_TOKENS = 100
"""Tokens sent, those read from and written to a cache included."""
CACHE_READ_TOKENS = 20
CACHE_WRITE_TOKENS = 10
"""Anthropic only: the OpenAI formats have no number for it."""
OUTPUT_TOKENS = 50


@dataclass
class Entry:
    """One message of the conversation, in no provider's format."""

    role: str
    text: str = ""
    images: list[bytes] = field(default_factory=list)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    """Names and arguments of the tools that the model called."""
    results: list[str] = field(default_factory=list)
    """What tools gave back."""


@dataclass
class Asked:
    """What the model was asked, whichever format it came in."""

    model: str
    stream: bool
    system: str
    entries: list[Entry]
    tools: list[str]

    @property
    def user_texts(self) -> list[str]:
        return [entry.text for entry in self.entries if entry.role == "user" and entry.text]

    @property
    def images(self) -> list[bytes]:
        return [image for entry in self.entries for image in entry.images]

    def since_user(self) -> list[Entry]:
        """What came after the last text of the user: the calls and results of this turn."""
        last = max((at for at, entry in enumerate(self.entries) if entry.role == "user" and entry.text), default=-1)
        return self.entries[last + 1 :]

    @property
    def results(self) -> list[str]:
        """Results of the tools called since the user spoke."""
        return [result for entry in self.since_user() for result in entry.results]


class Dialect(Protocol):
    """One wire format. `Writer` methods give bytes of an event stream; `whole` gives the body where none was asked."""

    def use(self, input: int, output: int, cache_read: int) -> None: ...
    def start(self) -> bytes: ...
    def think(self, text: str) -> bytes: ...
    def say(self, text: str) -> bytes: ...
    def refuse(self, text: str) -> bytes: ...
    def call(self, call_id: str, name: str, args: str) -> bytes: ...
    def finish(self, reason: str) -> bytes: ...
    def fail(self, kind: str, message: str) -> bytes: ...
    def whole(self, reason: str) -> dict[str, Any]: ...


def _data(value: Any, event: str | None = None) -> bytes:
    head = f"event: {event}\n" if event else ""
    text = json.dumps(value, ensure_ascii=False)
    if re.search("[\ud800-\udfff]", text):
        # Half of a character, as providers send that cut their text by UTF-16 units: only an escape can hold it.
        text = json.dumps(value)
    return f"{head}data: {text}\n\n".encode()


def _data_url(url: str) -> bytes:
    return base64.b64decode(url.partition("base64,")[2])


class ChatCompletions:
    """https://platform.openai.com/docs/api-reference/chat"""

    errors = {
        "unauthorized": ("invalid_request_error", "invalid_api_key"),
        "model_not_found": ("invalid_request_error", "model_not_found"),
        "rate_limited": ("rate_limit_error", "rate_limit_exceeded"),
        "overloaded": ("server_error", "overloaded"),
        "server_error": ("server_error", None),
        "too_long": ("invalid_request_error", "context_length_exceeded"),
        "bad_request": ("invalid_request_error", None),
    }

    def __init__(self, model: str, number: int) -> None:
        self.model = model
        self.id = f"chatcmpl-{number}"
        self.text = ""
        self.thought = ""
        self.refusal = ""
        self.calls: list[dict[str, Any]] = []

    @staticmethod
    def read(body: dict[str, Any]) -> Asked:
        system: list[str] = []
        entries: list[Entry] = []
        for message in body.get("messages", []):
            content = message.get("content") or ""
            blocks: list[Any] = [{"type": "text", "text": content}] if isinstance(content, str) else content
            text = "\n".join(block["text"] for block in blocks if block["type"] == "text")
            if message["role"] in ("system", "developer"):
                system.append(text)
            elif message["role"] == "tool":
                entries.append(Entry("tool", results=[text]))
            else:
                images = [_data_url(block["image_url"]["url"]) for block in blocks if block["type"] == "image_url"]
                calls = [
                    (call["function"]["name"], json.loads(call["function"]["arguments"] or "{}"))
                    for call in message.get("tool_calls") or []
                ]
                entries.append(Entry(message["role"], text, images, calls))
        tools = [tool["function"]["name"] for tool in body.get("tools") or []]
        return Asked(body["model"], bool(body.get("stream")), "\n".join(system), entries, tools)

    @classmethod
    def error(cls, kind: str, message: str) -> dict[str, Any]:
        type_, code = cls.errors[kind]
        return {"error": {"message": message, "type": type_, "param": None, "code": code}}

    usage = {
        "prompt_tokens": INPUT_TOKENS,
        "completion_tokens": OUTPUT_TOKENS,
        "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
        "prompt_tokens_details": {"cached_tokens": CACHE_READ_TOKENS},
    }

    def use(self, input: int, output: int, cache_read: int) -> None:
        self.usage = {
            "prompt_tokens": input,
            "completion_tokens": output,
            "total_tokens": input + output,
            "prompt_tokens_details": {"cached_tokens": cache_read},
        }

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
        return _data(
            {
                "id": self.id,
                "object": "chat.completion.chunk",
                "created": 1_700_000_000,
                "model": self.model,
                "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
            }
        )

    def start(self) -> bytes:
        return self._chunk({"role": "assistant", "content": ""})

    def think(self, text: str) -> bytes:
        self.thought += text
        return self._chunk({"reasoning_content": text})

    def say(self, text: str) -> bytes:
        self.text += text
        return self._chunk({"content": text})

    def refuse(self, text: str) -> bytes:
        self.refusal += text
        return self._chunk({"refusal": text})

    def call(self, call_id: str, name: str, args: str) -> bytes:
        index = len(self.calls)
        self.calls.append({"id": call_id, "type": "function", "function": {"name": name, "arguments": args}})
        half = len(args) // 2
        first = {
            "index": index,
            "id": call_id,
            "type": "function",
            "function": {"name": name, "arguments": args[:half]},
        }
        rest = {"index": index, "function": {"arguments": args[half:]}}
        return self._chunk({"tool_calls": [first]}) + self._chunk({"tool_calls": [rest]})

    def _reason(self, reason: str) -> str:
        return "tool_calls" if reason == "stop" and self.calls else {"refusal": "content_filter"}.get(reason, reason)

    def finish(self, reason: str) -> bytes:
        usage = {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": 1_700_000_000,
            "model": self.model,
            "choices": [],
            "usage": self.usage,
        }
        return self._chunk({}, self._reason(reason)) + _data(usage) + b"data: [DONE]\n\n"

    def fail(self, kind: str, message: str) -> bytes:
        return _data(self.error(kind, message))

    def whole(self, reason: str) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": self.text or None, "refusal": self.refusal or None}
        if self.thought:
            message["reasoning_content"] = self.thought
        if self.calls:
            message["tool_calls"] = self.calls
        return {
            "id": self.id,
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": self.model,
            "choices": [{"index": 0, "message": message, "finish_reason": self._reason(reason)}],
            "usage": self.usage,
        }


class Responses:
    """https://platform.openai.com/docs/api-reference/responses"""

    def __init__(self, model: str, number: int) -> None:
        self.model = model
        self.id = f"resp_{number}"
        self.sequence = 0
        self.output: list[dict[str, Any]] = []
        self.open: str | None = None

    @staticmethod
    def read(body: dict[str, Any]) -> Asked:
        system = [body["instructions"]] if body.get("instructions") else []
        entries: list[Entry] = []
        items = body.get("input") or []
        for item in [{"role": "user", "content": items}] if isinstance(items, str) else items:
            kind = item.get("type", "message")
            if kind == "function_call":
                entries.append(Entry("assistant", calls=[(item["name"], json.loads(item["arguments"] or "{}"))]))
            elif kind == "function_call_output":
                output = item["output"]
                entries.append(Entry("tool", results=[output if isinstance(output, str) else json.dumps(output)]))
            elif kind == "message":
                content = item.get("content") or ""
                blocks = [{"type": "input_text", "text": content}] if isinstance(content, str) else content
                text = "\n".join(block["text"] for block in blocks if block["type"] in ("input_text", "output_text"))
                images = [_data_url(block["image_url"]) for block in blocks if block["type"] == "input_image"]
                if item["role"] in ("system", "developer"):
                    system.append(text)
                else:
                    entries.append(Entry(item["role"], text, images))
        tools = [tool["name"] for tool in body.get("tools") or [] if tool["type"] == "function"]
        return Asked(body["model"], bool(body.get("stream")), "\n".join(system), entries, tools)

    error = ChatCompletions.error

    usage = {
        "input_tokens": INPUT_TOKENS,
        "input_tokens_details": {"cached_tokens": CACHE_READ_TOKENS},
        "output_tokens": OUTPUT_TOKENS,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
    }

    def use(self, input: int, output: int, cache_read: int) -> None:
        self.usage = {
            "input_tokens": input,
            "input_tokens_details": {"cached_tokens": cache_read},
            "output_tokens": output,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": input + output,
        }

    def _response(self, status: str, **more: Any) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "response",
            "created_at": 1_700_000_000,
            "model": self.model,
            "status": status,
            "output": self.output if status != "in_progress" else [],
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "metadata": {},
            "parallel_tool_calls": True,
            "temperature": 1.0,
            "tool_choice": "auto",
            "tools": [],
            "top_p": 1.0,
            "usage": None if status == "in_progress" else self.usage,
            **more,
        }

    def _event(self, type_: str, **fields: Any) -> bytes:
        self.sequence += 1
        return _data({"type": type_, "sequence_number": self.sequence - 1, **fields}, type_)

    def start(self) -> bytes:
        return self._event("response.created", response=self._response("in_progress"))

    def _item(self, kind: str) -> bytes:
        """Opens an item of this kind where the one that is open is of another, and closes that."""
        if self.open == kind:
            return b""
        out = self._close()
        self.open = kind
        number = len(self.output)
        if kind == "reasoning":
            item: dict[str, Any] = {"type": "reasoning", "id": f"rs_{number}", "summary": [], "status": "in_progress"}
        else:
            item = {
                "type": "message",
                "id": f"msg_{number}",
                "role": "assistant",
                "status": "in_progress",
                "content": [],
            }
        self.output.append(item)
        out += self._event("response.output_item.added", output_index=number, item=item)
        if kind == "reasoning":
            item["summary"].append({"type": "summary_text", "text": ""})
            out += self._event(
                "response.reasoning_summary_part.added",
                output_index=number,
                item_id=item["id"],
                summary_index=0,
                part=item["summary"][0],
            )
        elif kind == "message":
            item["content"].append({"type": "output_text", "text": "", "annotations": []})
        else:
            item["content"].append({"type": "refusal", "refusal": ""})
        return out

    def _close(self) -> bytes:
        if self.open is None:
            return b""
        self.open = None
        item = self.output[-1]
        item["status"] = "completed"
        return self._event("response.output_item.done", output_index=len(self.output) - 1, item=item)

    def _where(self) -> dict[str, Any]:
        return {"output_index": len(self.output) - 1, "item_id": self.output[-1]["id"]}

    def think(self, text: str) -> bytes:
        out = self._item("reasoning")
        self.output[-1]["summary"][0]["text"] += text
        return out + self._event("response.reasoning_summary_text.delta", **self._where(), summary_index=0, delta=text)

    def say(self, text: str) -> bytes:
        out = self._item("message")
        self.output[-1]["content"][0]["text"] += text
        return out + self._event(
            "response.output_text.delta", **self._where(), content_index=0, delta=text, logprobs=[]
        )

    def refuse(self, text: str) -> bytes:
        out = self._item("refusal")
        self.output[-1]["content"][0]["refusal"] += text
        return out + self._event("response.refusal.delta", **self._where(), content_index=0, delta=text)

    def call(self, call_id: str, name: str, args: str) -> bytes:
        out = self._close()
        number = len(self.output)
        item = {"type": "function_call", "id": f"fc_{number}", "call_id": call_id, "name": name, "arguments": args}
        self.output.append({**item, "status": "completed"})
        out += self._event(
            "response.output_item.added", output_index=number, item={**item, "arguments": "", "status": "in_progress"}
        )
        out += self._event("response.function_call_arguments.delta", **self._where(), delta=args)
        out += self._event("response.function_call_arguments.done", **self._where(), name=name, arguments=args)
        return out + self._event("response.output_item.done", output_index=number, item=self.output[-1])

    def _final(self, reason: str) -> dict[str, Any]:
        why = {"length": "max_output_tokens", "refusal": "content_filter"}.get(reason)
        if why is None:
            return self._response("completed")
        return self._response("incomplete", incomplete_details={"reason": why})

    def finish(self, reason: str) -> bytes:
        out = self._close()
        response = self._final(reason)
        return out + self._event(f"response.{response['status']}", response=response)

    def fail(self, kind: str, message: str) -> bytes:
        code = {"rate_limited": "rate_limit_exceeded"}.get(kind, "server_error")
        return self._event(
            "response.failed", response=self._response("failed", error={"code": code, "message": message})
        )

    def whole(self, reason: str) -> dict[str, Any]:
        self._close()
        return self._final(reason)


class Messages:
    """https://docs.anthropic.com/en/api/messages"""

    errors = {
        "unauthorized": "authentication_error",
        "model_not_found": "not_found_error",
        "rate_limited": "rate_limit_error",
        "overloaded": "overloaded_error",
        "server_error": "api_error",
        "too_long": "invalid_request_error",
        "bad_request": "invalid_request_error",
    }

    def __init__(self, model: str, number: int) -> None:
        self.model = model
        self.id = f"msg_{number}"
        self.content: list[dict[str, Any]] = []
        self.open = False

    @staticmethod
    def read(body: dict[str, Any]) -> Asked:
        system = body.get("system") or ""
        if not isinstance(system, str):
            system = "\n".join(block["text"] for block in system)
        entries: list[Entry] = []
        for message in body["messages"]:
            content = message["content"]
            entry = Entry(message["role"])
            blocks: list[Any] = [{"type": "text", "text": content}] if isinstance(content, str) else content
            for block in blocks:
                if block["type"] == "text":
                    entry.text = f"{entry.text}\n{block['text']}" if entry.text else block["text"]
                elif block["type"] == "image":
                    entry.images.append(base64.b64decode(block["source"]["data"]))
                elif block["type"] == "tool_use":
                    entry.calls.append((block["name"], block["input"]))
                elif block["type"] == "tool_result":
                    result = block.get("content") or ""
                    text = result if isinstance(result, str) else "\n".join(part.get("text", "") for part in result)
                    entry.results.append(text)
            if entry.results and entry.text:
                # One message of the wire holds the results and what the user said after them.
                entries.append(Entry("tool", results=entry.results))
                entry.results = []
            entries.append(entry)
        tools = [tool["name"] for tool in body.get("tools") or []]
        return Asked(body["model"], bool(body.get("stream")), system, entries, tools)

    @classmethod
    def error(cls, kind: str, message: str) -> dict[str, Any]:
        return {"type": "error", "error": {"type": cls.errors[kind], "message": message}, "request_id": "req_scripted"}

    usage = {
        "input_tokens": INPUT_TOKENS - CACHE_READ_TOKENS - CACHE_WRITE_TOKENS,
        "cache_read_input_tokens": CACHE_READ_TOKENS,
        "cache_creation_input_tokens": CACHE_WRITE_TOKENS,
        "output_tokens": OUTPUT_TOKENS,
    }

    def use(self, input: int, output: int, cache_read: int) -> None:
        self.usage = {
            "input_tokens": input - cache_read,
            "cache_read_input_tokens": cache_read,
            "cache_creation_input_tokens": 0,
            "output_tokens": output,
        }

    def _message(self, stop_reason: str | None, usage: dict[str, int]) -> dict[str, Any]:
        return {
            "id": self.id,
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": self.content,
            "stop_reason": stop_reason,
            "stop_sequence": None,
            "usage": usage,
        }

    def _event(self, type_: str, **fields: Any) -> bytes:
        return _data({"type": type_, **fields}, type_)

    def start(self) -> bytes:
        return self._event("message_start", message=self._message(None, {**self.usage, "output_tokens": 1}))

    def _block(self, kind: str, block: dict[str, Any]) -> bytes:
        if self.open and self.content[-1]["type"] == kind:
            return b""
        out = self._close()
        self.open = True
        out += self._event("content_block_start", index=len(self.content), content_block=block)
        self.content.append(block)
        return out

    def _close(self) -> bytes:
        if not self.open:
            return b""
        self.open = False
        return self._event("content_block_stop", index=len(self.content) - 1)

    def _delta(self, type_: str, **fields: str) -> bytes:
        return self._event("content_block_delta", index=len(self.content) - 1, delta={"type": type_, **fields})

    def think(self, text: str) -> bytes:
        out = self._block("thinking", {"type": "thinking", "thinking": "", "signature": ""})
        self.content[-1]["thinking"] += text
        return out + self._delta("thinking_delta", thinking=text)

    def say(self, text: str) -> bytes:
        out = b""
        if self.open and self.content[-1]["type"] == "thinking":
            self.content[-1]["signature"] = "c2lnbmVk"
            out += self._delta("signature_delta", signature="c2lnbmVk")
        out += self._block("text", {"type": "text", "text": ""})
        self.content[-1]["text"] += text
        return out + self._delta("text_delta", text=text)

    def refuse(self, text: str) -> bytes:
        return self.say(text)

    def call(self, call_id: str, name: str, args: str) -> bytes:
        out = self._close()
        out += self._block("tool_use", {"type": "tool_use", "id": call_id, "name": name, "input": {}})
        half = len(args) // 2
        out += self._delta("input_json_delta", partial_json=args[:half])
        out += self._delta("input_json_delta", partial_json=args[half:])
        out += self._close()
        self.content[-1]["input"] = json.loads(args)
        return out

    def _reason(self, reason: str) -> str:
        if reason == "stop":
            return "tool_use" if any(block["type"] == "tool_use" for block in self.content) else "end_turn"
        return {"length": "max_tokens", "content_filter": "refusal"}.get(reason, reason)

    def finish(self, reason: str) -> bytes:
        out = self._close()
        out += self._event(
            "message_delta",
            delta={"stop_reason": self._reason(reason), "stop_sequence": None},
            usage={"output_tokens": self.usage["output_tokens"]},
        )
        return out + self._event("message_stop")

    def fail(self, kind: str, message: str) -> bytes:
        return _data(self.error(kind, message), "error")

    def whole(self, reason: str) -> dict[str, Any]:
        self._close()
        return self._message(self._reason(reason), self.usage)
