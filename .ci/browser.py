"""Look at pages in headless Chromium: two widths, light and dark, folds open; print the faults, exit with 1 if there are any.

    python .ci/browser.py PAGE.html ... [--shots FOLDER] [--keys Tab ArrowRight ...]

--shots keeps four pictures of each page (and of its first screen). --keys plays a reader without a mouse instead, on a dark telephone: it presses these keys
and prints what a screen reader is told of the element that has the focus then. Chromium is Debian's package `chromium`, or what CHROMIUM names.
"""
import argparse, os, shutil, sys
from pathlib import Path
from playwright.sync_api import sync_playwright

WIDTHS, MODES, HEIGHT = (1280, 390), ('light', 'dark'), 800
KEYS = ('Tab', 'Enter', 'Space', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown') # other words are typed
FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

# What a page must be, asked inside it: a list of sentences, empty if all is well
FAULTS = r"""() => {
  const faults = [], all = [...document.querySelectorAll('body *')]
  const say = (what, e) => faults.push(`${what}: <${e.tagName.toLowerCase()} class="${e.getAttribute('class') || ''}"> ${(e.textContent || '').trim().replace(/\s+/g, ' ').slice(0, 60)}`)
  const root = document.scrollingElement
  if (root.scrollWidth > innerWidth) faults.push(`the page is ${root.scrollWidth} px wide on a screen of ${innerWidth}`)
  for (const e of all) {
    const style = getComputedStyle(e), box = e.getBoundingClientRect()
    if (!box.width || !box.height || style.display === 'inline' || e.closest('svg')) continue
    const scrolls = o => o === 'auto' || o === 'scroll'
    if (e.scrollWidth > e.clientWidth + 1 && !scrolls(style.overflowX)) say(`clipped or spilling sideways, ${e.scrollWidth} px in ${e.clientWidth}`, e)
    if (e.scrollHeight > e.clientHeight + 1 && style.overflowY === 'hidden') say('clipped below', e)
  }
  for (const e of document.querySelectorAll('th, td, p, dd, li, summary')) {
    const room = e.clientWidth, size = parseFloat(getComputedStyle(e).fontSize)
    if (room && room < 3*size && e.textContent.trim().length > 8) say(`squeezed into ${room} px`, e)
  }
  let last = 0
  for (const h of document.querySelectorAll('h1,h2,h3,h4,h5,h6')) {
    const level = +h.tagName[1]
    if (level > last + 1) say(`heading of level ${level} after ${last}`, h)
    last = level
  }
  if (document.querySelectorAll('h1').length !== 1) faults.push('there is not exactly one h1')
  for (const e of document.querySelectorAll('img')) {
    if (!(e.alt || '').trim()) say('image without alt', e)
    if (!e.complete || !e.naturalWidth) say('image that does not load', e)
  }
  for (const e of document.querySelectorAll('th:not([scope])')) say('th without scope', e)
  for (const e of document.querySelectorAll('a[href^="#"]')) if (!document.getElementById(e.getAttribute('href').slice(1))) say('link to nowhere', e)
  const rgba = c => { const v = c.match(/[\d.]+/g).map(Number); return [v[0], v[1], v[2], v[3] ?? 1] }
  const over = (a, b) => [0, 1, 2].map(i => a[i]*a[3] + b[i]*(1 - a[3]))
  const ground = e => {
    const layers = []
    for (let o = e; o; o = o.parentElement) layers.push(rgba(getComputedStyle(o).backgroundColor))
    const dark = matchMedia('(prefers-color-scheme: dark)').matches
    return layers.reverse().reduce((below, layer) => over(layer, below), dark ? [18, 18, 18] : [255, 255, 255])
  }
  const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= .03928 ? v/12.92 : ((v + .055)/1.055)**2.4); return .2126*r + .7152*g + .0722*b }
  for (const e of all) {
    if (!e.getBoundingClientRect().height || ![...e.childNodes].some(n => n.nodeType === 3 && n.nodeValue.trim())) continue
    const behind = ground(e), a = light(over(rgba(getComputedStyle(e).color), behind)), b = light(behind)
    const contrast = (Math.max(a, b) + .05)/(Math.min(a, b) + .05)
    if (contrast < 4.5) say(`contrast ${contrast.toFixed(2)}`, e)
  }
  return faults
}"""

def look(browser, page_file, width, mode, shots):
    "Faults of one page at one width and in one mode."
    context = browser.new_context(viewport=dict(width=width, height=HEIGHT), color_scheme=mode, offline=True)
    page, faults = context.new_page(), []
    page.on('console', lambda m: faults.append(f'console: {m.text}') if m.type in ('error', 'warning') else None)
    page.on('pageerror', lambda e: faults.append(f'error: {e}'))
    address = page_file.resolve().as_uri()
    page.on('request', lambda r: faults.append(f'request: {r.url[:100]}') if r.url != address and not r.url.startswith('data:') else None)
    page.goto(address)
    if shots:
        page.screenshot(path=shots/f'{page_file.stem}-{width}-{mode}-first.png')
        page.screenshot(path=shots/f'{page_file.stem}-{width}-{mode}.png', full_page=True)
    faults += page.evaluate(FAULTS)
    page.evaluate('document.querySelectorAll("details").forEach(d => d.open = true)')
    faults += page.evaluate(FAULTS)
    context.close()
    return list(dict.fromkeys(faults))

def press(browser, page_file, keys, shots):
    "Yield each key, and role, name and state of what has the focus after it."
    context = browser.new_context(viewport=dict(width=min(WIDTHS), height=HEIGHT), color_scheme='dark', offline=True)
    page = context.new_page()
    page.goto(page_file.resolve().as_uri())
    tree = context.new_cdp_session(page)
    for key in keys:
        page.keyboard.press(key) if key in KEYS else page.keyboard.type(key)
        nodes = [n for n in tree.send('Accessibility.getFullAXTree')['nodes'] if not n['ignored'] and n['role']['value'] != 'RootWebArea']
        has = lambda n: {q['name']: q['value'].get('value') for q in n.get('properties', [])}
        focus = next((n for n in nodes if has(n).get('focused')), None)
        said = [focus['role']['value'], ' '.join(str(focus['name']['value']).split()), 'checked'*(has(focus).get('checked') == 'true')] if focus else ['nothing']
        yield key, ' '.join(filter(None, said))
    if shots: page.screenshot(path=shots/f'{page_file.stem}-keys.png')
    context.close()

def main():
    "The command line."
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument('pages', nargs='+', type=Path)
    p.add_argument('--shots', type=Path, help='folder for the pictures')
    p.add_argument('--keys', nargs='+', help='keys to press, or words to type')
    a = p.parse_args()
    chromium = os.environ.get('CHROMIUM') or shutil.which('chromium')
    if not chromium: sys.exit('no Chromium here: apt-get install chromium, or name one in CHROMIUM')
    if a.shots: a.shots.mkdir(parents=True, exist_ok=True)
    bad = 0
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
        for page in a.pages:
            if a.keys:
                for key, said in press(browser, page, a.keys, a.shots): print(f'{key}: {said}')
                continue
            for width in WIDTHS:
                for mode in MODES:
                    faults = look(browser, page, width, mode, a.shots)
                    bad += len(faults)
                    print(f'{page.name}, {width} px, {mode}: ' + (f'{len(faults)} faults' if faults else 'good'), *faults[:20], sep='\n    ')
        browser.close()
    sys.exit(bad > 0)

if __name__ == '__main__': main()
