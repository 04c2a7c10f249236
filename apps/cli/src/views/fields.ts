import { paint, type Style, type Tone } from "../terminal/style.ts";
import { pad, toPrintable, toWidth, wrap } from "../terminal/text.ts";

/** One line of a description: a name and what it is; empty texts are left out. */
export interface Field {
  readonly name: string;
  readonly text: string;
  readonly tone?: Tone | undefined;
}

/** Names in a column of their own, texts wrapped beside them. */
export function renderFields(fields: readonly Field[], style: Style): readonly string[] {
  const shown = fields.filter(({ text }) => text !== "");
  const nameWidth = shown.reduce((most, { name }) => Math.max(most, toWidth(name)), 0);
  const textWidth = Math.max(20, (style.width ?? Infinity) - nameWidth - 2);
  return shown.flatMap(({ name, text, tone }) =>
    wrap(toPrintable(text), textWidth).map((part, index) => {
      const label = pad(index === 0 ? name : "", nameWidth);
      return `${paint(style, "dim", label)}  ${paint(style, tone, part)}`;
    }),
  );
}
