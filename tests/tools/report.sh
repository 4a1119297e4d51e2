#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The report of eduscope compare in a real browser: the numbers that stand in its
# page are those of the JSON, nothing is wider than a phone's screen, the figures
# are drawn, light and dark differ; screenshots in out/check/report-*.png.
cd "$(dirname "$0")/../.." || exit 1
. tests/vm/tap.sh
. tools/lib.sh
browser=chromium-headless-shell
mkdir -p "$EDU_OUT/check"
tmp=$(mktemp -d "$EDU_OUT/report.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

need_host $browser $browser || exit 1
tools/modules --kernel stock >/dev/null && tools/programs || exit 1
check "a guest makes the report" tools/vm/run --out "$tmp" -- bash -c \
	'cd /edu/modules && insmod slab_edu.ko && insmod sched_edu.ko &&
	eduscope compare sched-batch sched-fair slab --runs 5 --html /out/report.html --json=/out/report.json'

# The page as it is, and a copy with a script that looks at what was laid out.
cp "$tmp/report.html" "$tmp/probe.html"
cat >>"$tmp/probe.html" <<'JS'
<script>
const seen = {
	width: document.documentElement.scrollWidth, window: innerWidth,
	background: getComputedStyle(document.body).backgroundColor,
	font: parseFloat(getComputedStyle(document.body).fontSize),
	metrics: [], figures: [], outside: 0, hidden: 0, cut: 0, small: 99, broken: [],
};
for (const row of document.querySelectorAll('tr[data-metric]'))
	seen.metrics.push([row.closest('section').id, row.dataset.metric,
		...[...row.querySelectorAll('data')].map(d => Number(d.value)),
		row.lastElementChild.innerText]);
for (const figure of document.querySelectorAll('svg')) {
	const box = figure.getBoundingClientRect();
	seen.figures.push([Math.round(box.width), Math.round(box.height)]);
	for (const part of figure.querySelectorAll('text,path,circle,line')) {
		const b = part.getBoundingClientRect();
		if (b.left < box.left - 1 || b.right > box.right + 1 ||
		    b.top < box.top - 1 || b.bottom > box.bottom + 1) seen.outside++;
		if (part.tagName == 'text')
			seen.small = Math.min(seen.small, part.getBoundingClientRect().height);
	}
}
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
	for (const word of walk.currentNode.data.matchAll(/[^\s]+/g)) {
		const range = document.createRange();
		range.setStart(walk.currentNode, word.index);
		range.setEnd(walk.currentNode, word.index + word[0].length);
		const lines = new Set([...range.getClientRects()].map(r => Math.round(r.top)));
		if (lines.size > 1) seen.broken.push(word[0]);
	}
}
for (const d of document.querySelectorAll('data'))
	seen.hidden += !d.getBoundingClientRect().width;
for (const table of document.querySelectorAll('.wide'))
	seen.cut += table.scrollWidth > table.clientWidth;
document.title = JSON.stringify(seen);
</script>
JS
# look NAME WIDTH OPTION...: what the script saw, in $tmp/NAME; and a picture
look() {
	local name=$1 width=$2

	shift 2
	$browser --no-sandbox --disable-gpu --window-size="$width,2400" "$@" --dump-dom \
		"file://$tmp/probe.html" 2>/dev/null |
		sed -n 's,.*<title>\(.*\)</title>.*,\1,p' | sed 's/&amp;/\&/g' >"$tmp/$name"
	$browser --no-sandbox --disable-gpu --window-size="$width,2400" "$@" \
		--screenshot="$EDU_OUT/check/report-$name.png" "file://$tmp/report.html" >/dev/null 2>&1
	check "$name: the browser opened the page and drew it" test -s "$tmp/$name" -a \
		"$(stat -c %s "$EDU_OUT/check/report-$name.png")" -gt 10000
}
look wide 1200
look phone 390
look dark 1200 --blink-settings=preferredColorScheme=0
cat >"$tmp/judge.py" <<'PY'
import json, sys
seen = {n: json.load(open(sys.argv[1] + '/' + n)) for n in ('wide', 'phone', 'dark')}
wanted = {}
for line in open(sys.argv[1] + '/report.json'):
    c = json.loads(line)
    for m in c['metrics']:
        wanted[c['comparison'], m['name']] = m['median'] + [m['ratio'], m['verdict']]
got = {(m[0], m[1]): m[2:] for m in seen['wide']['metrics']}
def near(a, b):
    return a == b if isinstance(a, str) else abs(a - b) <= 1e-5 * abs(b)
def tell(good, what, why=''):
    print('ok' if good else 'not ok', what, why if not good else '')
tell(sorted(got) == sorted(wanted), 'the page has every metric of the JSON', (got, wanted))
tell(all(near(a, b) for k in got for a, b in zip(got[k][:3], wanted[k][:3])),
     'its numbers are those of the JSON', (got, wanted))
for name, s in seen.items():
    tell(s['width'] <= s['window'], name + ': nothing is wider than the window', s)
    tell(s['figures'] and all(w > 100 and h > 40 for w, h in s['figures']),
         name + ': every figure is drawn', s['figures'])
    tell(not s['broken'], name + ': no word is broken', s['broken'])
    tell(not s['outside'], name + ': nothing leaves its figure', s['outside'])
    tell(not s['cut'], name + ': no table is cut', s['cut'])
    tell(s['small'] >= 9, name + ': no word in a figure is below 9 pixels', s['small'])
    tell(not s['hidden'], name + ': no number is hidden', s['hidden'])
tell(seen['phone']['font'] >= 16, 'phone: the text is of 16 pixels or more')
tell(seen['dark']['background'] != seen['wide']['background'], 'dark is not light',
     seen['dark']['background'])
PY
while IFS= read -r line; do
	case $line in
	"ok "*) ok "${line#ok }" ;;
	*) not_ok "${line#not ok }" ;;
	esac
done < <(tools/toolbox/run python3 - <"$tmp/judge.py" "$tmp" 2>&1 || echo "not ok the page could not be judged")
refuse "the page asks for nothing from elsewhere" grep -qiE '(src|href)=|url\(|@import' "$tmp/report.html"
finish
