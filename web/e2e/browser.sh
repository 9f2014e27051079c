#!/bin/sh
# Prints the path of a Chromium that Playwright can drive, installing one where
# there is none. Everything but the path goes to standard error. The shell without
# a window is the same engine, and takes a quarter less of the processors; it is
# what Playwright itself would bring. `browser.sh whole` leaves it out: Lighthouse
# cannot share a session with it.
set -eu
shell=chromium-headless-shell
[ "${1:-}" = whole ] && shell=
cd "$(dirname "$0")/../.."

find_browser() {
	for candidate in \
		"${CHROMIUM_PATH:-}" \
		${shell:+/usr/bin/$shell} /usr/bin/chromium /usr/bin/chromium-browser \
		/usr/bin/google-chrome /usr/bin/google-chrome-stable /opt/google/chrome/chrome \
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
		"/Applications/Chromium.app/Contents/MacOS/Chromium"; do
		# Ubuntu's chromium-browser can be a stub that asks for a snap.
		if [ -n "$candidate" ] && [ -x "$candidate" ] && "$candidate" --version >/dev/null 2>&1; then
			printf '%s\n' "$candidate"
			return 0
		fi
	done
	# What `npx playwright install chromium` put away, if it did.
	candidate=$(node -e 'process.stdout.write(require("@playwright/test").chromium.executablePath())' 2>/dev/null) || return 1
	[ -x "$candidate" ] && printf '%s\n' "$candidate"
}

find_browser && exit 0

if command -v apt-get >/dev/null 2>&1; then
	as_root=""
	[ "$(id -u)" -eq 0 ] || as_root="sudo -n"
	if [ -z "$as_root" ] || sudo -n true 2>/dev/null; then
		echo "Installing chromium with apt-get" >&2
		$as_root apt-get update -qq >&2 || true
		for package in $shell chromium; do # Ubuntu has only the second
			if DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "$package" >&2; then
				find_browser && exit 0
			fi
		done
	fi
fi

echo "Installing Playwright's own chromium" >&2
npx --no-install playwright install chromium >&2
find_browser || {
	echo "No Chromium could be found or installed; set CHROMIUM_PATH." >&2
	exit 1
}
