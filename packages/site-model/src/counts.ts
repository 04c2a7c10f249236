import { name } from "./fields.ts";
import {
  describe,
  type Located,
  type Place,
  type Problems,
  quotedText,
  type Value,
} from "./reader/index.ts";

/** The most alike things one line can ask for. */
export const mostInRange = 10_000;

/** `4 × rack-h100`: how many of what. */
export interface Multiple {
  readonly count: number;
  readonly what: string;
}

/** Reads `4 × something`; `x` and `*` are as good as `×`, and `something` alone is one. */
export function parseMultiple(text: string): Multiple | { readonly wrong: string } {
  const match = /^(\d+)\s*[×x*]\s*(\S.*)$/.exec(text);
  if (match === null) {
    return { count: 1, what: text };
  }
  const [, digits = "", what = ""] = match;
  const count = Number(digits);
  return count >= 1 && count <= mostInRange
    ? { count, what }
    : { wrong: `found ${quotedText(text)}, but a count is 1 to ${mostInRange}` };
}

/** One text or a list of texts, each `count × name`. Wrong ones are reported and left out. */
export function readMultiples(
  problems: Problems,
  value: Value,
  example: string,
): readonly Located<Multiple>[] {
  const found: Located<Multiple>[] = [];
  for (const item of value.kind === "list" ? value.items : [value]) {
    if (item.kind !== "text") {
      problems.add(item.at, `found ${describe(item)}, write for example "${example}"`);
      continue;
    }
    const multiple = parseMultiple(item.text);
    const checked = "wrong" in multiple ? multiple : name(multiple.what);
    if ("wrong" in multiple || "wrong" in checked) {
      const wrong = "wrong" in checked ? checked.wrong : "";
      problems.add(item.at, `${wrong}; write for example "${example}"`);
    } else {
      found.push({ value: multiple, at: item.at });
    }
  }
  return found;
}

/** `rack-01` … `rack-10`: as many digits as the largest number needs, so that names sort. */
export function numbered(stem: string, first: number, count: number, last: number): string[] {
  const digits = String(last).length;
  return Array.from(
    { length: count },
    (_, index) => `${stem}-${String(first + index).padStart(digits, "0")}`,
  );
}

/** The names of `hall-01..hall-12`. Empty, and reported, when the range is wrong. */
export function readRange(problems: Problems, text: string, at: Place): readonly string[] {
  const match = /^([a-z0-9-]*?)(\d{1,9})\.\.([a-z0-9-]*?)(\d{1,9})$/.exec(text);
  const [, stem = "", from = "", otherStem = "", to = ""] = match ?? [];
  const count = Number(to) - Number(from) + 1;
  const isPadded = from.startsWith("0") || to.startsWith("0");
  if (
    match === null ||
    stem !== otherStem ||
    count < 1 ||
    (isPadded ? from.length !== to.length : false)
  ) {
    problems.add(
      at,
      `${quotedText(text)} is not a range: write the first and the last name in full, the smaller number first, for example "hall-01..hall-12"`,
    );
    return [];
  }
  if (count > mostInRange) {
    problems.add(
      at,
      `the range ${quotedText(text)} has ${count} names, at most ${mostInRange} are allowed`,
    );
    return [];
  }
  const checked = name(`${stem}${to}`);
  if ("wrong" in checked) {
    problems.add(at, checked.wrong);
    return [];
  }
  return Array.from(
    { length: count },
    (_, index) =>
      `${stem}${String(Number(from) + index).padStart(isPadded ? from.length : 0, "0")}`,
  );
}
