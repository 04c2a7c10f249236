/**
 * Words as a shell would see them: blanks separate, quotes hold together, a backslash takes the next
 * character as it is. Nothing is expanded. Undefined when a quote is not closed.
 */
export function splitWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === "\\" && quote !== "'") {
      index += 1;
      word = (word ?? "") + text.charAt(index);
    } else if (quote === "" && (character === '"' || character === "'")) {
      quote = character;
      word ??= "";
    } else if (character === quote && quote !== "") {
      quote = "";
    } else if (quote === "" && /\s/.test(character)) {
      if (word !== undefined) {
        words.push(word);
      }
      word = undefined;
    } else if (quote === "" && character === "#" && word === undefined) {
      // A comment behind the options.
      break;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (quote !== "") {
    return undefined;
  }
  return word === undefined ? words : [...words, word];
}
