"""html_check.py FILE: reads a page with Python's own parser, and says what is wrong with it.

Elements must be closed in order; nothing may be loaded or run: no script, link, image, frame, form,
no attribute that begins with "on", no address but a place in the page itself. Prints "ok ROWS
TABLES SECTIONS" or what it found.
"""
import html.parser
import sys

VOID = {"meta", "br", "link", "img", "input", "hr"}
FORBIDDEN = {"script", "link", "img", "iframe", "form", "object", "embed", "base", "svg", "video"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.counts, self.problems, self.text = [], {}, [], []

    def handle_starttag(self, tag, attributes):
        self.counts[tag] = self.counts.get(tag, 0) + 1
        if tag in FORBIDDEN:
            self.problems.append(f"<{tag}>")
        for name, value in attributes:
            if name.startswith("on") or name == "style":
                self.problems.append(f"{tag} {name}")
            if name in ("src", "href", "action") and not (value or "").startswith("#"):
                self.problems.append(f"{tag} {name}={value}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes nothing")

    def handle_data(self, data):
        self.text.append(data)


def main():
    page = Page()
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    page.feed(text)
    page.close()
    page.problems += [f"<{tag}> stays open" for tag in page.open]
    if "url(" in text or "@import" in text:
        page.problems.append("a style that loads something")
    if page.problems:
        print("\n".join(page.problems))
        return
    print("ok", *(page.counts.get(tag, 0) for tag in ("tr", "table", "section")))


main()
