export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** Columns as wide as their content, two spaces apart, without rules. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((row) => (row[index] ?? "").length)),
  );
  const renderRow = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return columns[index]?.align === "right" ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  return [renderRow(columns.map(({ title }) => title)), ...rows.map(renderRow)]
    .map((line) => `${line}\n`)
    .join("");
}

export function toSeconds(seconds: number): string {
  return `${seconds.toFixed(1)} s`;
}
