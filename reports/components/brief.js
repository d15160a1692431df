// The subset of Markdown used by ml/templates/feature_brief.md.j2: a heading, paragraphs, bold words.

/** Parts of a paragraph in order; the text is never interpreted as markup. */
const spans = (text) =>
	text
		.split(/\*\*(.+?)\*\*/)
		.map((part, index) => ({ text: part, isBold: index % 2 === 1 }))
		.filter((part) => part.text);

/**
 * @param {string | null | undefined} markdown
 * @returns {{ isHeading: boolean, spans: { text: string, isBold: boolean }[] }[]} blocks between empty lines
 */
export const parseBrief = (markdown) =>
	String(markdown ?? '')
		.split(/\n\s*\n/)
		.map((block) => block.trim().replace(/\s*\n/g, ' '))
		.filter(Boolean)
		.map((block) => ({ isHeading: /^#+ /.test(block), spans: spans(block.replace(/^#+ /, '')) }));
