/** Rules for texts that others write: names, and patterns of topics. */

/** Longest name, in characters. */
const MAX_NAME = 63

/** Longest pattern, in bytes of UTF-8. */
const MAX_PATTERN = 128

const RESERVED = new Set(
  ['localhost', 'backbone', 'broadcast', 'registry', 'beacon', 'nameserver', 'authority', 'relay', 'self']
)

/** What a terminal acts on, or hides, instead of showing it. */
const HIDDEN = new RegExp(
  '[\\p{Cc}\\u00ad\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2064\\u2066-\\u206f\\ufeff\\ufff9-\\ufffb' +
  '\\u{e0000}-\\u{e007f}]', 'u'
)

/** Whether a text is the name of an agent. @param {string} text */
export function isName (text) {
  return text.length <= MAX_NAME && /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(text) && !text.startsWith('xn--') &&
    !RESERVED.has(text)
}

/** Whether a text is a pattern of topics. @param {string} text */
export function isPattern (text) {
  if (Buffer.byteLength(text) > MAX_PATTERN || HIDDEN.test(text)) return false
  const segments = text.split('/')
  const fits = (segment, at) => segment === '*' || (segment === '**' && at === segments.length - 1) ||
    (segment !== '' && !segment.includes('*'))
  return segments.every(fits)
}
