import { paint, type Style } from "../terminal/style.ts";

/** Power at one moment beside what may be drawn; all in watts. */
export interface StripFacts {
  readonly drawWatts: number;
  /** The most that may be drawn; at least the draw. */
  readonly boundWatts: number;
  /** What is allowed; undefined = nothing holds. */
  readonly targetWatts: number | undefined;
}

/**
 * `██████████░░│   `: draw, the bound beyond it, what is allowed. All strips of one table share a whole
 * length, `mostWatts`, so that their ends can be compared by eye.
 */
export function renderStrip(
  facts: StripFacts,
  { mostWatts, width }: { readonly mostWatts: number; readonly width: number },
  style: Style,
): string {
  const [used, open, mark] = style.isUnicode ? ["█", "░", "│"] : ["#", "-", "|"];
  const toCell = (watts: number): number =>
    mostWatts === 0 ? 0 : Math.min(width, Math.round((watts / mostWatts) * width));
  const draw = toCell(facts.drawWatts);
  const bound = Math.max(draw, toCell(facts.boundWatts));
  const target =
    facts.targetWatts === undefined ? -1 : Math.min(width - 1, toCell(facts.targetWatts));
  const isOver = facts.targetWatts !== undefined && facts.drawWatts > facts.targetWatts;
  let drawn = "";
  let rest = "";
  for (let cell = 0; cell < width; cell += 1) {
    const glyph = cell === target ? mark : cell < draw ? used : cell < bound ? open : " ";
    if (cell < draw) {
      drawn += glyph;
    } else {
      rest += glyph;
    }
  }
  return paint(style, isOver ? "bad" : "good", drawn) + paint(style, "dim", rest);
}
