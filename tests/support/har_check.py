"""Checks a file against the fields of HAR 1.2 (softwareishard.com/blog/har-12-spec), and lists it.

Usage: har_check.py FILE. Every object must have the fields that the format asks for, of their
types, and no other ones but those that begin with an underscore. Prints a line for each entry.
"""

import datetime
import json
import sys
import urllib.parse

NUMBER = (int, float)
OBJECTS = {
    # name: (fields that must be there, fields that may be)
    "log": ({"version": str, "creator": dict, "entries": list},
            {"browser": dict, "pages": list, "comment": str}),
    "creator": ({"name": str, "version": str}, {"comment": str}),
    "entry": ({"startedDateTime": str, "time": NUMBER, "request": dict, "response": dict,
               "cache": dict, "timings": dict},
              {"pageref": str, "serverIPAddress": str, "connection": str, "comment": str}),
    "request": ({"method": str, "url": str, "httpVersion": str, "cookies": list, "headers": list,
                 "queryString": list, "headersSize": int, "bodySize": int},
                {"postData": dict, "comment": str}),
    "response": ({"status": int, "statusText": str, "httpVersion": str, "cookies": list,
                  "headers": list, "content": dict, "redirectURL": str, "headersSize": int,
                  "bodySize": int}, {"comment": str}),
    "content": ({"size": int, "mimeType": str},
                {"compression": int, "text": str, "encoding": str, "comment": str}),
    "parameter": ({"name": str, "value": str}, {"comment": str}),
    "timings": ({"send": NUMBER, "wait": NUMBER, "receive": NUMBER},
                {"blocked": NUMBER, "dns": NUMBER, "connect": NUMBER, "ssl": NUMBER,
                 "comment": str}),
    "cache": ({}, {"beforeRequest": dict, "afterRequest": dict, "comment": str}),
}


def check(kind, value, place):
    needed, allowed = OBJECTS[kind]
    assert isinstance(value, dict), f"{place} is no object"
    for name, type_ in needed.items():
        assert name in value, f"{place}.{name} is missing"
    for name, field in value.items():
        if name.startswith("_"):
            continue
        type_ = needed.get(name, allowed.get(name))
        assert type_ is not None, f"{place}.{name} is none of HAR's fields"
        fits = isinstance(field, type_) and not isinstance(field, bool)
        assert fits, f"{place}.{name}: {field!r}"


def check_entry(entry, place):
    check("entry", entry, place)
    check("request", entry["request"], place + ".request")
    check("response", entry["response"], place + ".response")
    check("content", entry["response"]["content"], place + ".response.content")
    check("cache", entry["cache"], place + ".cache")
    check("timings", entry["timings"], place + ".timings")
    for parameter in entry["request"]["queryString"]:
        check("parameter", parameter, place + ".queryString")
    started = entry["startedDateTime"]
    assert started.endswith("Z"), started
    datetime.datetime.fromisoformat(started[:-1] + "+00:00")
    url = urllib.parse.urlsplit(entry["request"]["url"])
    assert url.scheme == "https" and url.hostname, entry["request"]["url"]
    timings = entry["timings"]
    for name in ("send", "wait", "receive"):
        assert timings[name] >= 0, f"{place}.timings.{name} must be known"
    for name in ("blocked", "dns", "connect", "ssl"):
        assert timings.get(name, -1) == -1 or timings[name] >= 0, name
    assert timings.get("ssl", -1) <= timings.get("connect", -1), "connect includes ssl"
    total = sum(timings[name] for name in timings if name != "ssl" and timings[name] > 0)
    assert abs(total - entry["time"]) < 0.01, f"{place}.time is not the sum of its timings"


def line(entry):
    request, response, tls = entry["request"], entry["response"], entry["_tls"]
    connected = "connected" if entry["timings"]["connect"] >= 0 else "reused"
    return " ".join(str(each) for each in (
        request["method"], urllib.parse.urlsplit(request["url"]).path, request["httpVersion"],
        response["status"], response["content"]["size"], response["content"]["mimeType"] or "-",
        entry["serverIPAddress"], connected, tls["version"], tls["cipher"], tls["alpn"],
        tls["verdict"], response.get("_error", "whole")))


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        document = json.load(file)
    assert list(document) == ["log"], "one object with the log"
    log = document["log"]
    check("log", log, "log")
    check("creator", log["creator"], "log.creator")
    assert log["version"] == "1.2"
    for index, entry in enumerate(log["entries"]):
        check_entry(entry, f"log.entries[{index}]")
    for entry in log["entries"]:
        print(line(entry))


main()
