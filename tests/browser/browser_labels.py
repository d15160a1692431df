"""Unreadable texts of an open page: cut off by a box, broken within a word, or overlapping."""

from __future__ import annotations

# Compares every visible line of text with the enclosing boxes that hide overflow. Text that can be scrolled to is not
# cut off: only its visible part is compared with the boxes further out.
FIND_BAD_LABELS = """() => {
    const skipped = 'script, style, noscript, option, dialog:not([open]), .sr-only';
    const slack = 2;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    const lines = [];
    const bad = [];
    const meet = (one, other) => ({
        left: Math.max(one.left, other.left), right: Math.min(one.right, other.right),
        top: Math.max(one.top, other.top), bottom: Math.min(one.bottom, other.bottom)
    });
    const isEmpty = (box) => box.right - box.left < 1 || box.bottom - box.top < 1;
    const cuts = (style) => [style.overflowX, style.overflowY].map((name) => ['hidden', 'clip'].includes(name));
    const scrolls = (style) => [style.overflowX, style.overflowY].some((name) => ['auto', 'scroll'].includes(name));

    while (walker.nextNode()) {
        const text = walker.currentNode.data.trim().replace(/\\s+/g, ' ');
        const element = walker.currentNode.parentElement;
        if (!text || !element || element.closest(skipped)) continue;
        if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
        range.selectNodeContents(walker.currentNode);
        const rects = [...range.getClientRects()];
        // A Cyrillic word on two lines without a hyphen; Latin addresses and code may be broken.
        if (rects.length > 1 && !element.closest('code'))
            for (const word of walker.currentNode.data.matchAll(/[А-Яа-яЁё]+/g)) {
                range.setStart(walker.currentNode, word.index);
                range.setEnd(walker.currentNode, word.index + word[0].length);
                if (range.getClientRects().length > 1) bad.push(`broken: «${word[0]}»`);
            }
        for (const rect of rects) {
            let box = { left: rect.left, right: rect.right, top: rect.top, bottom: rect.bottom };
            if (isEmpty(box)) continue;
            let isCut = false;
            for (let up = element; up && up !== document.body; up = up.parentElement) {
                const style = getComputedStyle(up);
                if (up.matches('svg') && up.parentElement?.closest('svg')) continue;
                const frame = up.getBoundingClientRect();
                if (scrolls(style)) {
                    box = meet(box, frame);
                } else {
                    const [cutsX, cutsY] = cuts(style);
                    if (cutsX && (box.left < frame.left - slack || box.right > frame.right + slack)) isCut = true;
                    if (cutsY && (box.top < frame.top - slack || box.bottom > frame.bottom + slack)) isCut = true;
                }
                if (isCut || isEmpty(box) || style.position === 'fixed') break;
            }
            if (isCut) bad.push(`cut off: «${text}»`);
            else if (!isEmpty(box)) lines.push({ box, text, element });
        }
    }

    lines.sort((one, other) => one.box.top - other.box.top);
    for (const [index, one] of lines.entries()) {
        for (let next = index + 1; next < lines.length; next += 1) {
            const other = lines[next];
            if (other.box.top >= one.box.bottom) break;
            const shared = meet(one.box, other.box);
            const least = Math.min(one.box.bottom - one.box.top, other.box.bottom - other.box.top);
            // Line boxes include space above and below the letters, so close lines may overlap a little.
            if (shared.right - shared.left <= slack || shared.bottom - shared.top <= 0.35 * least) continue;
            // Fixed elements may cover scrolled content.
            if ([one, other].some(({ element }) => element.closest('.site-header, .site-menu, .site-skip'))) continue;
            bad.push(`over each other: «${one.text}» and «${other.text}»`);
        }
    }
    return [...new Set(bad)];
}"""
