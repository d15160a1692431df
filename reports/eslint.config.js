// Faults in the JavaScript and Svelte of the site. `npm run lint` also runs svelte-check: types, unused styles,
// accessibility.
import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';

const KEY = 'Items that keep state need a key.';
const BASE_PATH = 'Addresses on the site need addBasePath().';

export default [
	{ ignores: ['.build-*/', '.evidence/', '.svelte-kit/', 'build/'] },
	{ linterOptions: { reportUnusedDisableDirectives: 'error' } },
	js.configs.recommended,
	...svelte.configs.recommended,
	{
		rules: {
			'array-callback-return': 'error',
			'consistent-return': 'error',
			eqeqeq: 'error',
			'no-promise-executor-return': 'error',
			'no-self-compare': 'error',
			'no-template-curly-in-string': 'error',
			'no-var': 'error',
			'prefer-const': 'error',
			'svelte/button-has-type': 'error',
			'svelte/no-add-event-listener': 'error',
			'svelte/no-ignored-unsubscribe': 'error',
			'svelte/no-target-blank': 'error',
			'svelte/no-top-level-browser-globals': 'error',
			'no-restricted-syntax': [
				'error',
				{ selector: 'SvelteEachBlock[key=null] SvelteElement[name.name=/^(details|input|select|textarea)$/]', message: KEY },
				{ selector: 'SvelteEachBlock[key=null] SvelteDirective[kind="Binding"]', message: KEY },
				{ selector: 'SvelteAttribute[key.name="href"] > SvelteLiteral[value=/^\\//]', message: BASE_PATH },
				{ selector: 'SvelteAttribute[key.name="href"] > SvelteMustacheTag > TemplateLiteral', message: BASE_PATH }
			],
			// Replaced by the two restrictions above: keys of texts and numbers may repeat, which Svelte rejects, and…
			'svelte/require-each-key': 'off',
			// …SvelteKit 2.8 has no resolve().
			'svelte/no-navigation-without-resolve': 'off',
			// A template is rendered again when a function that it calls is made anew: they are remade when a setting changes.
			'svelte/no-reactive-functions': 'off'
		}
	},
	{ files: ['components/**', 'lib/**', 'pages/**'], languageOptions: { globals: globals.browser } },
	{ files: ['scripts/**', '*.config.js'], languageOptions: { globals: globals.node } }
];
