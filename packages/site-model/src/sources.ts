import {
  type Block,
  describe,
  listed,
  namesSource,
  type Problems,
  quotedText,
  type Value,
} from "./reader/index.ts";

const how = 'name where it is from, or write "assumption" with the reason';

function checkText(problems: Problems, value: Value): void {
  if (value.kind !== "text") {
    problems.add(value.at, `found ${describe(value)}, but a source is a text: ${how}`);
  } else if (value.text.length > 500) {
    problems.add(value.at, "a source has at most 500 characters: name it, do not quote it");
  } else if (!namesSource(value.text)) {
    problems.add(value.at, `${quotedText(value.text)} names no source: ${how}`);
  }
}

/**
 * Makes sure that every figure of a block says where it is from. `source` is one text for the whole
 * block, or a block with a text per figure and `other` for the rest.
 */
export function checkSources(block: Block, figureKeys: readonly string[]): void {
  const { problems } = block;
  const figures = figureKeys.filter((key) => block.has(key));
  const source = block.optional("source");
  if (source?.kind === "text") {
    checkText(problems, source);
    return;
  }
  if (source?.kind === "list") {
    problems.add(source.at, `found ${describe(source)}, but a source is a text: ${how}`);
    return;
  }
  for (const [key, { keyAt, value }] of source?.entries ?? []) {
    if (key === "other" || figures.includes(key)) {
      checkText(problems, value);
    } else {
      problems.add(
        keyAt,
        `a source for ${quotedText(key)}, which is not in this block: ${listed([...figures, "other"])} are`,
      );
    }
  }
  const sourced = source?.entries ?? new Map<string, unknown>();
  const bare = sourced.has("other") ? [] : figures.filter((key) => !sourced.has(key));
  const first = bare[0];
  if (first !== undefined) {
    problems.add(
      block.placeOf(first),
      `${bare.length > 1 ? "numbers" : "a number"} without a source (${bare.join(", ")}): add source: to this block and ${how}`,
    );
  }
}
