"""Check the built documentation site: links, images, what pages load, and how they look to a browser.

    python .ci/docs.py

Links, anchors and loaded addresses are read from the files. Where there is a Chromium (Debian's package `chromium`, or
what CHROMIUM names) every page is opened from its file, without a network: no complaint in the console, every image and
formula drawn, nothing asked for outside, no page wider than a telephone, and a search that finds something.
"""
import os, re, shutil, sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

site = Path(__file__).resolve().parent.parent/"docs"/"_build"/"html"
WIDE, NARROW, HEIGHT = 1280, 390, 900
# tags that make a browser load an address, and the attribute that holds it
LOADS = dict(script="src", img="src", iframe="src", source="src", video="src", audio="src", embed="src", object="data",
             link="href")

# What is wrong with a page that is open, asked inside it
FAULTS = r"""async () => {
  if (window.MathJax && MathJax.startup) await MathJax.startup.promise
  const every = (where, bad, say) => [...document.querySelectorAll(where)].filter(bad).map(say)
  return [...every('img', e => !e.complete || !e.naturalWidth, e => `image does not load: ${e.src}`),
          ...every('img', e => !e.alt, e => `image without alt: ${e.src}`),
          ...every('mjx-merror', e => true, e => `formula: ${e.dataset.mjxError || e.textContent}`),
          ...every('.math', e => !e.querySelector('mjx-container'), e => `formula not drawn: ${e.textContent}`)]
}"""

class Page(HTMLParser):
    "One page: its anchors, its links, and the addresses that it loads."
    def __init__(self, path):
        super().__init__()
        self.path, self.anchors, self.links, self.loads = path, set(), [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        "Take note of one tag."
        a = dict(attrs)
        self.anchors |= {a[k] for k in ("id", "name") if a.get(k)}
        if tag == "a" and a.get("href"): self.links.append(a["href"])
        if a.get(LOADS.get(tag)) and a.get("rel") not in ("next", "prev", "index", "search", "author", "canonical"):
            self.loads.append(a[LOADS[tag]])

def file_faults(pages):
    "What is wrong with the links and the addresses that files name."
    for page in pages.values():
        name = page.path.relative_to(site)
        for link in dict.fromkeys(page.links + page.loads):
            to = urlsplit(link)
            if to.scheme or to.netloc:
                if link in page.loads and to.scheme != "data": yield f"{name}: loads {link}"
                continue
            target = (page.path.parent/unquote(to.path)).resolve() if to.path else page.path
            if not target.is_file(): yield f"{name}: {link} does not exist"
            elif to.fragment and target in pages and unquote(to.fragment) not in pages[target].anchors:
                yield f"{name}: {link} has no such anchor"
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        for found in re.findall(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\"')\s]+)", text):
            yield f"{sheet.relative_to(site)}: loads {found}"

def browser_faults(browser, paths):
    "What is wrong with pages when they are open."
    context, found = browser.new_context(viewport=dict(width=WIDE, height=HEIGHT), offline=True), []
    page = context.new_page()
    page.on("console", lambda m: found.append(f"console: {m.text}") if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: found.append(f"error: {e}"))
    outside = lambda r: urlsplit(r.url).scheme not in ("file", "data", "blob")
    page.on("request", lambda r: found.append(f"asks for {r.url}") if outside(r) else None)
    page.on("requestfailed", lambda r: found.append(f"does not load: {r.url}"))
    for path in paths:
        found.clear()
        page.set_viewport_size(dict(width=WIDE, height=HEIGHT))
        page.goto(path.as_uri())
        found += page.evaluate(FAULTS)
        page.set_viewport_size(dict(width=NARROW, height=HEIGHT))
        wide = page.evaluate("document.scrollingElement.scrollWidth")
        if wide > NARROW: found.append(f"is {wide} px wide on a screen of {NARROW}")
        yield from (f"{path.relative_to(site)}: {f}" for f in dict.fromkeys(found))
    found.clear()
    page.goto((site/"search.html").as_uri() + "?q=landmarks")
    try: page.wait_for_selector("#search-results li a", timeout=20_000)
    except Exception as e: yield f"search.html: finds nothing for 'landmarks' ({type(e).__name__})"
    yield from (f"search.html?q=landmarks: {f}" for f in dict.fromkeys(found))
    context.close()

def main():
    "Print the faults; exit with 1 if there are any."
    chromium = shutil.which(os.environ.get("CHROMIUM") or "chromium")
    pages = {path: Page(path) for path in sorted(site.rglob("*.html")) if "_static" not in path.parts}
    if not pages: sys.exit(f"no page in {site}: run make docs")
    faults = [*file_faults(pages)]
    if chromium:
        from browser import FLAGS # those with which a report is looked at
        from playwright.sync_api import sync_playwright
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
            faults += browser_faults(browser, pages)
            browser.close()
    else: print("there is no Chromium here, so the pages were not looked at in a browser")
    if faults: sys.exit("\n".join([*faults, f"{len(faults)} faults"]))
    print(f"{len(pages)} pages are good: links, anchors, loaded files" + ", each open in a browser"*bool(chromium))

if __name__ == "__main__": main()
