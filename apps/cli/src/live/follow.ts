import type { Output } from "../terminal/terminal.ts";
import { Screen } from "./screen.ts";

/** What a live view shows, and when. */
export interface LiveView {
  /** The picture for this many rows; as wide as the caller's style says. */
  readonly render: (rowCount: number) => readonly string[];
  /** Sources that change what there is to show: each runs until the signal aborts, or fails. */
  readonly feeds: readonly ((changed: () => void) => Promise<void>)[];
  readonly signal: AbortSignal;
}

/** Pictures change at most this often; ages of jobs change at least once a second. */
const shortestFrameMs = 100;
const longestFrameMs = 1_000;

/** Draws until the signal aborts or a source fails; always gives the usual screen back. */
export async function follow(output: Output, view: LiveView): Promise<void> {
  const screen = new Screen(output);
  let timer: NodeJS.Timeout | undefined;
  let isDue = false;
  const draw = (): void => {
    isDue = false;
    screen.draw(view.render(screen.rowCount));
    clearTimeout(timer);
    timer = setTimeout(draw, longestFrameMs);
  };
  const changed = (): void => {
    if (!isDue) {
      isDue = true;
      clearTimeout(timer);
      timer = setTimeout(draw, shortestFrameMs);
    }
  };
  try {
    draw();
    await Promise.all(view.feeds.map(async (feed) => feed(changed)));
  } finally {
    clearTimeout(timer);
    screen.close();
  }
}
