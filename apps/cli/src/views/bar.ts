import { paint, type Style, type Tone } from "../terminal/style.ts";

/** What a bar of one domain shows; all in watts. */
export interface BarFacts {
  /** The most that may be drawn now. */
  readonly boundWatts: number;
  /** What bounds may never exceed: the whole length of the bar. */
  readonly usableWatts: number;
  /** The ceiling somebody set; undefined = none. */
  readonly budgetWatts?: number | undefined;
}

interface Glyphs {
  readonly used: string;
  readonly over: string;
  readonly free: string;
  readonly closed: string;
  readonly budget: string;
}

const unicodeGlyphs: Glyphs = { used: "█", over: "▓", free: "░", closed: "·", budget: "│" };
const asciiGlyphs: Glyphs = { used: "#", over: "!", free: "-", closed: ".", budget: "|" };

/** Cells of `width` that `partWatts` fills: rounded up, so that a load never looks like none. */
function toCells(partWatts: number, wholeWatts: number, width: number): number {
  if (wholeWatts === 0 || partWatts === 0) {
    return 0;
  }
  return Math.min(width, Math.ceil((partWatts / wholeWatts) * width));
}

function findGlyph(glyphs: Glyphs, isUsed: boolean, isWithinBudget: boolean): string {
  if (isUsed) {
    return isWithinBudget ? glyphs.used : glyphs.over;
  }
  return isWithinBudget ? glyphs.free : glyphs.closed;
}

/**
 * `████████░░░│····`: used, free up to the budget, the budget, what the budget closes. The whole length is
 * the usable limit. Used beyond the budget looks different from used within it.
 */
export function renderBar(facts: BarFacts, width: number, style: Style, tone: Tone): string {
  const glyphs = style.isUnicode ? unicodeGlyphs : asciiGlyphs;
  const { boundWatts, usableWatts, budgetWatts } = facts;
  const used = toCells(boundWatts, usableWatts, width);
  const isBudgetShown = budgetWatts !== undefined && budgetWatts < usableWatts;
  // Rounded down: the picture never shows more room than there is.
  const budget = isBudgetShown ? Math.floor((budgetWatts / usableWatts) * width) : width;
  let filled = "";
  let rest = "";
  for (let cell = 0; cell < width; cell += 1) {
    const isMark = isBudgetShown && cell === budget;
    const glyph = isMark ? glyphs.budget : findGlyph(glyphs, cell < used, cell < budget);
    if (cell < used) {
      filled += glyph;
    } else {
      rest += glyph;
    }
  }
  return paint(style, tone, filled) + paint(style, "dim", rest);
}
