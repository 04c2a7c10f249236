/** An engine on one site, and a copy that only replays what was written down, for property tests. */
import { instant } from "@ertis/quantities";
import { Engine } from "../engine.ts";
import { decodeEntry, encodeEntry } from "../history/entry-codec.ts";
import { known } from "../state/assert.ts";
import type { SiteState } from "../state/site-state.ts";
import type { Account } from "../words/account.ts";
import type { Observation } from "../words/attempt.ts";
import type { Command } from "../words/command.ts";
import type { Entry } from "../words/event.ts";
import type { Reply } from "../words/reply.ts";
import { cappedHub, startMs } from "./test-hub.ts";

export class Twins {
  readonly engine: Engine = new Engine();
  readonly copy: Engine = new Engine();
  nowMs: number = startMs;
  /** What nodes with attempts may have drawn above idle so far, watts × ms, summed up from bounds. */
  boundMillijoules = 0n;
  #summedToMs: number = startMs;

  constructor(accounts: readonly Account[]) {
    const text = cappedHub();
    const file = "hub.yaml";
    this.execute({ kind: "register-site", at: this.at, site: "hub", file, text, phases: "built" });
    if (accounts.length > 0) {
      this.execute({ kind: "set-accounts", at: this.at, by: "olga", accounts });
    }
  }

  get at(): ReturnType<typeof instant> {
    return instant(this.nowMs);
  }

  get site(): SiteState {
    return known(this.engine.state.sites.get("hub"), "hub");
  }

  execute(command: Command): Reply {
    this.#sumBounds();
    const { entry, reply } = this.engine.execute(command);
    const read: Entry = decodeEntry(encodeEntry(entry));
    this.copy.replay(read);
    return reply;
  }

  report(...observations: readonly Observation[]): void {
    this.execute({ kind: "report", at: this.at, site: "hub", observations });
  }

  /** Bounds above idle of the nodes that an attempt holds; nodes of this site are held whole. */
  boundWatts(nodes: readonly number[]): number {
    return nodes.reduce((sum, node) => {
      const bound = this.site.horizons[0]?.nodeWatts[node] ?? 0;
      return sum + bound - (this.site.nodeBounds[node]?.[0] ?? 0);
    }, 0);
  }

  /** What the bounds of a domain carry now. */
  loadWatts(domain: number): number {
    const scale = this.site.site.domains[domain]?.loadScale ?? 1;
    return (this.site.horizons[0]?.load[domain] ?? 0) / scale;
  }

  #sumBounds(): void {
    const held = [...(this.engine.state.sites.get("hub")?.attempts ?? [])];
    const boundWatts = held.reduce((sum, { heldNodes }) => sum + this.boundWatts(heldNodes), 0);
    this.boundMillijoules += BigInt(boundWatts) * BigInt(this.nowMs - this.#summedToMs);
    this.#summedToMs = this.nowMs;
  }
}
