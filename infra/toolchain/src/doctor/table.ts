/** Columns padded to their widest cell; a last cell that would pass the width goes on below itself. */
export function tableLines(
  rows: readonly (readonly string[])[],
  widthCharacterCount: number,
): readonly string[] {
  const columnCount = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columnCount - 1 }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const indent = "  ";
  return rows.flatMap((row) => {
    const start = widths.map((width, column) => `${(row[column] ?? "").padEnd(width)}  `).join("");
    const [first = "", ...rest] = wrap(
      row[columnCount - 1] ?? "",
      widthCharacterCount - indent.length - start.length,
    );
    return [
      `${indent}${start}${first}`.trimEnd(),
      ...rest.map((line) => `${indent}${" ".repeat(start.length)}${line}`),
    ];
  });
}

/** Breaks at spaces; a word longer than the line keeps a line of its own. */
export function wrap(text: string, widthCharacterCount: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > widthCharacterCount) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
