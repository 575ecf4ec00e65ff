#!/usr/bin/env python3
"""Opens HTML reports in a browser and looks at what a person would see, and at what the browser says of them.

usage: browse.py BROWSER KEYLINT FOLDER

Reports of made-up repositories are written to FOLDER, which must be empty. The page in `tests/golden/` is opened too: it
has something of everything. The browser is driven through its DevTools protocol, over a pipe. With SCREENSHOTS set to a
folder, pictures are kept there.
"""

import base64
import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path

import leaks

ROOT = Path(__file__).resolve().parent.parent.parent
# How long the browser may take to answer, in seconds.
PATIENCE = 30
WIDTHS = {"wide": 1200, "narrow": 360}

# Texts that do something where they become markup.
HOSTILE = (
    "<script>alert(1)<!-->",
    "<img src=x onerror=alert(1)>",
    "'\"><svg onload=alert(1)>",
    "{{constructor.constructor('alert(1)')()}}",
    "\" onmouseover=\"alert(1)",
    "\u202etxt.exe",
)

# The least contrast of each text with its ground, from each element that has text of its own.
CONTRAST = """(() => {
  const parse = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  let worst = { ratio: 21, of: '' };
  for (const element of document.body.querySelectorAll('*')) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.closest('title, desc')) continue;
    const style = getComputedStyle(element);
    const text = element.closest('svg') ? style.fill : style.color;
    const pair = [light(parse(text)), light(ground(element))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < worst.ratio) worst = { ratio, of: `${element.tagName}.${element.className} ${text}` };
  }
  return worst;
})()"""

# What sticks out to the right of the window.
OVERFLOW = """(() => {
  const out = [];
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) out.push(`the page: ${document.documentElement.scrollWidth}`);
  for (const element of document.body.querySelectorAll('*')) {
    const box = element.getBoundingClientRect();
    if (box.width > 0 && box.left >= 0 && box.right > width + 1 && element.checkVisibility())
      out.push(`${element.tagName}.${element.getAttribute('class')}: ${box.right}`);
  }
  return out.slice(0, 5);
})()"""

SHAPE = """(() => {
  const all = [...document.querySelectorAll('*')];
  const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map(heading => Number(heading.tagName[1]));
  const ids = all.map(element => element.id).filter(Boolean);
  return {
    keys: document.querySelectorAll('article.key').length,
    rows: document.querySelectorAll('table.keys tbody tr').length,
    scripts: document.scripts.length,
    handlers: all.filter(element => [...element.attributes].some(it => it.name.startsWith('on'))).length,
    active: document.querySelectorAll('img, iframe, object, embed, link, form, input, base, video, audio').length,
    styles: document.querySelectorAll('style, [style]').length,
    titles: document.querySelectorAll('h1').length,
    skips: levels.some((level, at) => at > 0 && level > levels[at - 1] + 1),
    mains: document.querySelectorAll('main').length,
    ids: new Set(ids).size === ids.length,
    dead: [...document.querySelectorAll('a[href^="#"]')].filter(a => !document.querySelector(a.hash)).length,
    lang: document.documentElement.lang,
    complete: !document.querySelector('.incomplete'),
    first: document.querySelector('.top .verdict').getBoundingClientRect().top
      < document.querySelector('h1').getBoundingClientRect().top,
    flat: [...document.querySelectorAll('svg.timeline')].filter(svg => svg.getBoundingClientRect().width < 200
      || !svg.querySelector('title').textContent || svg.querySelector('desc').textContent.length < 40).length,
    timelines: document.querySelectorAll('svg.timeline').length,
  };
})()"""

FOLDED = "[...document.querySelectorAll('details:not([open]) > :not(summary)')].filter(it => it.checkVisibility()).length"


class Browser:
    """A browser with one page, and what it told since that was opened."""

    def __init__(self, program, profile):
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-extensions",
                 "--hide-scrollbars", "--force-color-profile=srgb", f"--user-data-dir={profile}", "--remote-debugging-pipe"]
        theirs, self.output = os.pipe()
        self.input, other = os.pipe()

        def connect():
            # Those two numbers are where it listens and talks. Neither may be closed by moving the other there.
            source, target = os.dup(theirs), os.dup(other)
            os.dup2(source, 3)
            os.dup2(target, 4)

        self.process = subprocess.Popen([program, *flags, "about:blank"], preexec_fn=connect, close_fds=False,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs)
        os.close(other)
        self.buffer, self.number, self.events, self.session = b"", 0, [], None
        target = next(it for it in self.call("Target.getTargets")["targetInfos"] if it["type"] == "page")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def receive(self, deadline):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.input], [], [], max(0, deadline - time.monotonic()))
            read = os.read(self.input, 1 << 20) if ready else b""
            if not read:
                sys.exit("the browser does not answer" if not ready else "the browser is gone")
            self.buffer += read
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self.receive(deadline)
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"{method}: {answer['error']}")
                return answer["result"]
            self.note(answer)

    def note(self, event):
        self.events.append(event)
        if event.get("method") == "Page.javascriptDialogOpening":
            # Else it waits for somebody to press a button.
            self.number += 1
            message = {"id": self.number, "method": "Page.handleJavaScriptDialog", "params": {"accept": True}}
            os.write(self.output, json.dumps(message | {"sessionId": self.session}).encode() + b"\0")

    def open(self, path, width="wide", scheme="light", media="screen"):
        self.events = []
        self.call("Emulation.setDeviceMetricsOverride", width=WIDTHS[width], height=900, deviceScaleFactor=1,
                  mobile=width == "narrow")
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)
        self.call("Page.navigate", url=path.as_uri())
        deadline = time.monotonic() + PATIENCE
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.note(self.receive(deadline))
        # What is loaded late, and said late.
        self.run("new Promise(done => setTimeout(done, 150))")

    def run(self, script):
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            sys.exit(f"a check does not run: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def said(self, url):
        """Whatever a page should not give the browser reason to say."""
        out = []
        for event in self.events:
            params = event.get("params", {})
            match event.get("method"):
                case "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" | "Page.javascriptDialogOpening":
                    out.append(f"{event['method']}: {json.dumps(params)[:300]}")
                case "Log.entryAdded":
                    out.append(params["entry"]["text"])
                case "Network.requestWillBeSent" if params["request"]["url"].split("#")[0] != url:
                    out.append(f"asks for {params['request']['url']}")
        return out

    def click(self, selector):
        at = self.run(f"""(() => {{ const it = document.querySelector({json.dumps(selector)}); it.scrollIntoView({{ block: 'center' }});
            const box = it.getBoundingClientRect(); return [box.left + 8, box.top + box.height / 2]; }})()""")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=at[0], y=at[1], button="left", clickCount=1)

    def picture(self, path):
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def print(self, path):
        paper = self.call("Page.printToPDF", printBackground=False, paperWidth=8.27, paperHeight=11.69)
        path.write_bytes(base64.b64decode(paper["data"]))

    def close(self):
        self.process.kill()
        self.process.wait()


class Checks:
    passed = failed = 0

    def __call__(self, name, holds, why=""):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {name}: {why}")


def luminance(browser):
    colour = browser.run("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    return sum(colour[:3]) / 3 / 255


def look(browser, check, name, page, keys, complete, work):
    """Every check of one page with that many keys."""
    pictures = Path(os.environ["SCREENSHOTS"]) if "SCREENSHOTS" in os.environ else None
    for width, scheme in (("wide", "light"), ("wide", "dark"), ("narrow", "light"), ("narrow", "dark")):
        mode = f"{name}, {width}, {scheme}"
        browser.open(page, width, scheme)
        shape = browser.run(SHAPE)
        check(f"{mode}: keys", shape["keys"] == min(keys, 100) and shape["rows"] == keys, f"{shape} {keys}")
        for what in ("scripts", "handlers", "active", "dead", "flat", "skips"):
            check(f"{mode}: {what}", not shape[what], shape)
        check(f"{mode}: parts", (shape["styles"], shape["titles"], shape["mains"], shape["lang"]) == (1, 1, 1, "en"), shape)
        check(f"{mode}: ids are unique", shape["ids"], shape)
        check(f"{mode}: whether it is complete comes first", shape["first"] and shape["complete"] == complete, shape)
        shade = luminance(browser)
        check(f"{mode}: the ground", shade < 0.15 if scheme == "dark" else shade > 0.9, shade)
        contrast = browser.run(CONTRAST)
        check(f"{mode}: contrast", contrast["ratio"] >= 4.5, contrast)
        overflow = browser.run(OVERFLOW)
        check(f"{mode}: nothing sticks out", overflow == [], overflow)
        if browser.run("document.querySelector('summary') !== null"):
            check(f"{mode}: what is folded is hidden", browser.run(FOLDED) == 0)
            for wanted in (True, False):
                browser.click("summary")
                check(f"{mode}: it unfolds and folds", browser.run("document.querySelector('details').open") == wanted)
        check(f"{mode}: the browser has nothing to say", browser.said(page.as_uri()) == [], browser.said(page.as_uri()))
        if pictures:
            browser.picture(pictures / f"{name}-{width}-{scheme}.png")
    # On paper, from a window that is dark.
    browser.open(page, "wide", "dark", "print")
    check(f"{name}, paper: the ground", luminance(browser) == 1)
    folded = browser.run("document.querySelectorAll('details:not([open]) > :not(summary)').length")
    check(f"{name}, paper: all is unfolded", browser.run(FOLDED) == folded, folded)
    contrast = browser.run(CONTRAST)
    check(f"{name}, paper: contrast", contrast["ratio"] >= 4.5, contrast)
    paper = work / f"{name}.pdf"
    browser.print(paper)
    text = subprocess.run(["pdftotext", paper, "-"], capture_output=True, text=True, check=True).stdout.replace("\n", "")
    prints = browser.run("[...document.querySelectorAll('article.key .fingerprint')].map(it => it.textContent)")
    missing = [it for it in prints if it not in text]
    check(f"{name}, paper: all keys are told", missing == [], missing)
    if pictures:
        paper.rename(pictures / paper.name)


def hostile(folder, draw):
    """A repository in which every name does something if it becomes markup."""
    repository = leaks.Repository(folder / "hostile")
    for number, text in enumerate(HOSTILE):
        repository.write(f"{number}/{text.replace('/', '|')}.env", f"{text} K={next(draw)} {text}\n")
        who = ["-c", f"user.name={text}", "-c", f"user.email={text}"]
        repository.git("add", "--all")
        repository.git(*who, "commit", "--quiet", "--message", f"{text} {next(draw)}")
    for name in ("<script>alert(1)</script>", "\"><svg/onload=alert(1)>"):
        repository.git("branch", f"{name}/{next(draw)}")
    repository.write("app.ts", "new OpenAI({ apiKey, dangerouslyAllowBrowser: true }); // <script>alert(1)</script>\n")


def reports(keylint, work):
    """Each report's name, its page, how many keys it tells of, and whether its scan was complete."""
    subprocess.run([sys.executable, ROOT / "tests/validators/leaks.py", work / "repositories"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    hostile(work / "repositories", leaks.keys(11))
    yield "golden", ROOT / "tests/golden/report.html", 2, False
    for name in ("clean", "findings", "history", "incomplete", "outer", "hostile"):
        page, whole = work / f"{name}.html", work / f"{name}.json"
        files = [f"--report=html={page}", f"--report=json={whole}"]
        run = subprocess.run([keylint, "scan", "--no-progress", "--show-suppressed", *files, work / "repositories" / name],
                             stdout=subprocess.DEVNULL)
        if run.returncode not in (0, 1, 3):
            sys.exit(f"{name}: the scan ended with {run.returncode}")
        told = json.loads(whole.read_text(encoding="utf-8"))
        yield name, page, len(told["findings"]), told["complete"]


def must_fail(browser, check, page, work):
    """Each check must be able to fail."""
    whole = page.read_text(encoding="utf-8")

    def doctored(name, before, after):
        path = work / f"{name}.html"
        check(f"{name}: there is something to change", before in whole)
        path.write_text(whole.replace(before, after, 1), encoding="utf-8")
        browser.open(path, "narrow")
        return browser.said(path.as_uri())

    check("a script that the policy stops is seen", doctored("script", "</body>", "<script>alert(1)</script></body>"))
    check("a style that the policy stops is seen", doctored("style", "<h1>", "<h1 style=\"color: red\">"))
    check("a picture that the policy stops is seen", doctored("image", "<h1>", "<img src=\"https://x.invalid/\"/><h1>"))
    policy = "http-equiv=\"Content-Security-Policy\""
    told = doctored("alert", policy, "name=\"none\"") + doctored("alert2", policy, "name=\"none\"><script>alert(1)</script><meta name=\"x\"")
    check("a script that runs is seen", any("Dialog" in it for it in told), told)
    doctored("wide", "<h1>", "<h1><pre><code>" + "x" * 500 + "</code></pre>")
    browser.run("document.styleSheets[0].insertRule('pre { white-space: pre !important; overflow-wrap: normal !important; }')")
    browser.run("document.styleSheets[0].insertRule('code { overflow-wrap: normal; }')")
    check("what sticks out is seen", browser.run(OVERFLOW) != [])
    browser.run("document.styleSheets[0].insertRule('p { color: #aaa !important; }', document.styleSheets[0].cssRules.length)")
    check("faint text is seen", browser.run(CONTRAST)["ratio"] < 4.5)


def main():
    program, keylint, work = sys.argv[1], sys.argv[2], Path(sys.argv[3]).resolve()
    check = Checks()
    browser = Browser(program, work / "profile")
    try:
        pages = list(reports(keylint, work))
        for name, page, keys, complete in pages:
            look(browser, check, name, page, keys, complete, work)
        must_fail(browser, check, pages[0][1], work)
    finally:
        browser.close()
    print(f"{check.passed} passed, {check.failed} failed")
    sys.exit(check.failed > 0)


if __name__ == "__main__":
    main()
