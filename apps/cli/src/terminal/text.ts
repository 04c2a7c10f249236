/**
 * Text from elsewhere as it may be shown: control and bidirectional characters, with which a job's name could
 * move the cursor or reorder a line, become `?`.
 */
export function toPrintable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/gu, "?");
}

function isWide(code: number): boolean {
  return (
    (code >= 0x11_00 && code <= 0x11_5f) ||
    (code >= 0x2e_80 && code <= 0xa4_cf) ||
    (code >= 0xac_00 && code <= 0xd7_a3) ||
    (code >= 0xf9_00 && code <= 0xfa_ff) ||
    (code >= 0xfe_30 && code <= 0xfe_6f) ||
    (code >= 0xff_00 && code <= 0xff_60) ||
    (code >= 0x1_f3_00 && code <= 0x1_fa_ff) ||
    (code >= 0x2_00_00 && code <= 0x3_ff_fd)
  );
}

function widthOf(character: string): number {
  if (/\p{M}/u.test(character)) {
    return 0;
  }
  return isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
}

/** Columns that printable text takes; East Asian wide characters take two, combining marks none. */
export function toWidth(text: string): number {
  // Nearly every cell is ASCII.
  if (/^[\u0020-\u007E]*$/.test(text)) {
    return text.length;
  }
  let width = 0;
  for (const character of text) {
    width += widthOf(character);
  }
  return width;
}

/** The text in at most `width` columns; what is cut off shows as an ellipsis. */
export function truncate(text: string, width: number, isUnicode: boolean): string {
  if (toWidth(text) <= width) {
    return text;
  }
  const mark = isUnicode ? "…" : "~";
  if (width <= 1) {
    return width === 1 ? mark : "";
  }
  let kept = "";
  let used = 1;
  for (const character of text) {
    used += widthOf(character);
    if (used > width) {
      break;
    }
    kept += character;
  }
  return kept + mark;
}

/** As `truncate`, from the front: the end of a path says more than its beginning. */
export function truncateStart(text: string, width: number, isUnicode: boolean): string {
  if (toWidth(text) <= width) {
    return text;
  }
  const backwards = Array.from(text).toReversed().join("");
  return Array.from(truncate(backwards, width, isUnicode))
    .toReversed()
    .join("");
}

/** Padded with spaces to `width` columns. */
export function pad(text: string, width: number, align: "left" | "right" = "left"): string {
  const spaces = " ".repeat(Math.max(0, width - toWidth(text)));
  return align === "left" ? text + spaces : spaces + text;
}

/** Words in lines of at most `width` columns; a longer word stands alone. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && toWidth(line) + 1 + toWidth(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
