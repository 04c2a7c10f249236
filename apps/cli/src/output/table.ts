import { paint, type Style, type Tone } from "../terminal/style.ts";
import { pad, toPrintable, toWidth, truncate, truncateStart } from "../terminal/text.ts";

/** One cell: what it says, and what that means. */
export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
}

/** One column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Shown in the wide table only. */
  readonly isWide?: boolean;
  /** Left out when the terminal has fewer columns than this. */
  readonly leaveOutBelow?: number;
  /** Left out when the rows do not fit, the lowest number first; columns without one always stay. */
  readonly dropOrder?: number;
  /** May be cut down to this many columns when the terminal is narrow. */
  readonly shrinkTo?: number;
  /** Where it is cut then; default: the end. */
  readonly cutAt?: "start" | "end";
  readonly cell: (row: Row) => Cell | string;
}

/** How a table is shown. */
export interface TableOptions {
  readonly hasHeaders: boolean;
  readonly isWide: boolean;
}

const gap = "  ";

function toCell(value: Cell | string): Cell {
  const { text, ...rest } = typeof value === "string" ? { text: value } : value;
  return { ...rest, text: toPrintable(text) };
}

/** Takes columns from those that may shrink, the widest first, until the row fits. */
function fit(
  widths: readonly number[],
  shrinkTo: readonly (number | undefined)[],
  available: number,
): readonly number[] {
  const fitted = [...widths];
  let excess = fitted.reduce((sum, width) => sum + width, 0) - available;
  while (excess > 0) {
    let widest = -1;
    for (const [index, width] of fitted.entries()) {
      const least = shrinkTo[index];
      const canShrink = least !== undefined && width > least;
      if (canShrink && (widest === -1 || width > (fitted[widest] ?? 0))) {
        widest = index;
      }
    }
    if (widest === -1) {
      return fitted;
    }
    fitted[widest] = (fitted[widest] ?? 0) - 1;
    excess -= 1;
  }
  return fitted;
}

/** Indices of the columns that stay when rows must fit into `width` columns. */
function chooseColumns<Row>(
  columns: readonly Column<Row>[],
  natural: readonly number[],
  width: number,
): readonly number[] {
  const leastOf = (index: number): number =>
    Math.min(columns[index]?.shrinkTo ?? Infinity, natural[index] ?? 0);
  const chosen = [...columns.keys()];
  const toLeast = (): number =>
    chosen.reduce((sum, index) => sum + leastOf(index) + gap.length, -gap.length);
  const droppable = chosen
    .filter((index) => columns[index]?.dropOrder !== undefined)
    .toSorted((left, right) => (columns[left]?.dropOrder ?? 0) - (columns[right]?.dropOrder ?? 0));
  for (const index of droppable) {
    if (toLeast() <= width) {
      break;
    }
    chosen.splice(chosen.indexOf(index), 1);
  }
  return chosen;
}

/** The lines of a table, cut to the width of the terminal where columns allow it. */
export function renderTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  style: Style,
  options: TableOptions,
): readonly string[] {
  const width = style.width ?? Infinity;
  const wished = columns.filter(
    ({ isWide, leaveOutBelow = 0 }) =>
      (options.isWide || isWide !== true) && width >= leaveOutBelow,
  );
  const allCells = rows.map((row) => wished.map(({ cell }) => toCell(cell(row))));
  const allNatural = wished.map(({ title }, index) =>
    allCells.reduce(
      (most, row) => Math.max(most, toWidth(row[index]?.text ?? "")),
      options.hasHeaders ? toWidth(title) : 0,
    ),
  );
  const chosen = chooseColumns(wished, allNatural, width);
  const pick = <Item>(items: readonly Item[]): readonly Item[] =>
    items.filter((_item, index) => chosen.includes(index));
  const shown = pick(wished);
  const cells = allCells.map(pick);
  const natural = pick(allNatural);
  const titles = shown.map(({ title }) => (options.hasHeaders ? title : ""));
  const available = width - gap.length * (shown.length - 1);
  const widths = fit(
    natural,
    shown.map(({ shrinkTo }) => shrinkTo),
    available,
  );
  const renderRow = (row: readonly Cell[]): string =>
    row
      .map(({ text, tone }, index) => {
        const columnWidth = widths[index] ?? 0;
        const shorten = shown[index]?.cutAt === "start" ? truncateStart : truncate;
        const cut = shorten(text, columnWidth, style.isUnicode);
        const isLast = index === row.length - 1;
        const align = shown[index]?.align ?? "left";
        // No spaces at the end of a line: they would wrap on a terminal of just that width.
        return paint(style, tone, isLast && align === "left" ? cut : pad(cut, columnWidth, align));
      })
      .join(gap)
      .trimEnd();
  const header = options.hasHeaders
    ? [renderRow(titles.map((title) => ({ text: title, tone: "dim" as const })))]
    : [];
  return [...header, ...cells.map(renderRow)];
}
