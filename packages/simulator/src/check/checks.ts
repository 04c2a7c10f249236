import { toNumber } from "@ertis/quantities";
import type { Entry, Event } from "@ertis/scheduler-engine";
import type { Site } from "@ertis/site-model";
import { lengthText, preciseText } from "../words/words.ts";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";
import { AccountCheck } from "./account-check.ts";
import { BudgetCheck } from "./budget-check.ts";
import { CapCheck } from "./cap-check.ts";
import { Estimates } from "./estimates.ts";
import { Emergencies } from "./emergencies.ts";
import { FloorCheck, type FloorOptions } from "./floor-check.ts";
import { Holdings } from "./holdings.ts";
import { JobCheck } from "./job-check.ts";
import { Promises } from "./promises.ts";
import { RampCheck } from "./ramp-check.ts";
import { SiteBook } from "./site-book.ts";
import { TargetMeter } from "./target-meter.ts";
import { SupplyCheck } from "./supply-check.ts";
import type { Property, Report, Violation } from "./violation.ts";

export interface ChecksOptions {
  readonly site: Site;
  readonly jobOf: (job: number) => SimulatedJob | undefined;
  /** True watts of a node. */
  readonly trueNodeWatts: (node: number) => number;
  /** True watts of a domain, with what its cooling really takes. */
  readonly trueDomainWatts: (domain: number) => number;
  readonly speedOf: FloorOptions["speedOf"];
  /** Everything is summed up anew after so many events. */
  readonly recheckEvery: number;
}

const violationsKeptMax = 20;
/** Sums of many true draws lose parts of a watt. */
const domainRoundingWatts = 0.01;

/**
 * Looks at every event, keeps books of its own and says what is broken. Knows events and the site,
 * nothing of the engine's state.
 */
export class Checks {
  readonly book: SiteBook;
  readonly jobs: JobCheck;
  readonly promises: Promises;
  readonly estimates: Estimates;
  readonly caps: CapCheck;
  readonly budgets: BudgetCheck;
  readonly ramps: RampCheck;
  readonly floors: FloorCheck;
  readonly supplies: SupplyCheck;
  readonly targets: TargetMeter;
  readonly #emergencies = new Emergencies();
  readonly accounts: AccountCheck;
  readonly violations: Violation[] = [];
  violationCount = 0;
  eventCount = 0;
  nodesLostCount = 0;
  readonly #options: ChecksOptions;
  readonly #holdings: Holdings;
  #nowMs = 0;

  constructor(options: ChecksOptions) {
    this.#options = options;
    this.book = new SiteBook(options.site);
    const report: Report = (property, message) => this.#report(property, message);
    this.#holdings = new Holdings(this.book, report);
    this.jobs = new JobCheck(options.jobOf, report);
    this.promises = new Promises(options.jobOf, report);
    this.estimates = new Estimates((job) => this.promises.promisedMs(job), report);
    this.caps = new CapCheck(options.site, options.jobOf, report);
    this.budgets = new BudgetCheck(this.book, report);
    this.ramps = new RampCheck(this.book, this.#emergencies, report);
    this.floors = new FloorCheck(options, this.#emergencies, report);
    this.supplies = new SupplyCheck(this.book, report);
    this.targets = new TargetMeter(options.site, report);
    this.accounts = new AccountCheck({
      book: this.book,
      jobOf: options.jobOf,
      heldOf: (key) => this.#holdings.find(key),
      report,
    });
    this.book.takeGrown();
  }

  observe(entry: Entry): void {
    const atMs = toNumber(entry.at);
    if (atMs < this.#nowMs) {
      this.#report(
        "time",
        `an entry goes back by ${lengthText(this.#nowMs - atMs)}, from ${preciseText(this.#nowMs)}`,
      );
    }
    this.#nowMs = atMs;
    this.accounts.entryBegins();
    this.promises.entryBegins();
    for (const event of entry.events) {
      this.eventCount += 1;
      this.jobs.observe(event, atMs);
      this.promises.observe(event, atMs);
      this.caps.observe(event);
      this.budgets.observe(event, atMs);
      this.#emergencies.observe(event, atMs);
      this.floors.observe(event, atMs);
      this.#apply(event);
      this.supplies.observe(event, atMs);
      this.ramps.observe(event, atMs);
      this.targets.observe(event, atMs);
      if (this.#emergencies.isOn(atMs)) {
        this.targets.disturb(atMs);
      }
      this.accounts.observe(event, atMs);
      this.#checkLimits(event, atMs);
      if (this.eventCount % this.#options.recheckEvery === 0) {
        this.#recheck();
      }
    }
    this.supplies.checkOrders();
  }

  /** What really is drawn stays within the bound in force, node by node, and in each domain within its limit. */
  checkDraw(nodes: Iterable<number>): void {
    for (const node of nodes) {
      const drawn = this.#options.trueNodeWatts(node);
      const bound = this.book.nodeWatts(node);
      if (drawn > bound + 1e-6) {
        const id = this.#options.site.nodes[node]?.id ?? String(node);
        this.#report("draw", `${id} draws ${drawn.toFixed(1)} W, its bound in force is ${bound} W`);
      }
    }
    for (const { index, id } of this.#options.site.domains) {
      const drawn = this.#options.trueDomainWatts(index);
      const limit = this.book.limitWatts(index);
      if (drawn > limit + domainRoundingWatts) {
        this.#report("draw", `${id} draws ${drawn.toFixed(1)} W, it carries ${limit} W`);
      }
    }
  }

  /** The scheduler did not come to rest at one moment. */
  reportStuck(atMs: number, roundCount: number): void {
    this.#report(
      "time",
      `not quiet after ${roundCount} rounds at ${preciseText(atMs)}: it runs in a circle`,
    );
  }

  /** Nothing follows: what must be over by now? `isCut`: the run ended before its jobs. */
  finish(isCut: boolean, atMs: number): void {
    this.#recheck();
    this.promises.finish(atMs);
    this.floors.finish(atMs);
    if (!isCut) {
      this.jobs.finish();
      this.#holdings.finish();
    }
  }

  get heldCount(): number {
    return this.#holdings.count;
  }

  #apply(event: Event): void {
    switch (event.kind) {
      case "attempt-started":
        this.estimates.started(event.attempt.job, event.placement.capWatts, this.#nowMs);
        return this.#holdings.start(event);
      case "placement-released":
        return this.#holdings.release(event.attempt, event.nodes);
      case "cap-set":
        return this.#holdings.setCap(event.attempt, event.capWatts);
      case "cap-acknowledged":
        return this.#holdings.acknowledge(event);
      case "node-lost":
        this.nodesLostCount += 1;
        return;
      case "node-powered-off":
        return this.#setOff(event.node, true);
      case "node-returned":
        return this.#setOff(event.node, false);
      default:
    }
  }

  #setOff(node: number, isOff: boolean): void {
    this.book.isOff[node] = isOff;
    this.book.touch(node);
  }

  #checkLimits(event: Event, atMs: number): void {
    for (const domain of this.book.takeGrown()) {
      if (this.book.isOver(domain)) {
        this.#report(
          "limit",
          `after ${event.kind}: ${this.book.loadWatts(domain).toFixed(1)} W in force at ${this.book.site.domains[domain]?.id ?? ""}, ${this.book.usableWatts(domain)} W survive a single failure`,
        );
      }
      for (const message of this.book.suppliesOver(domain)) {
        this.#report(
          "limit",
          `after ${event.kind}: ${message}, at ${this.book.site.domains[domain]?.id ?? ""}`,
        );
      }
      this.budgets.checkGrowth(domain, event, atMs);
    }
  }

  #recheck(): void {
    const wrong = this.book.recheck();
    if (wrong.length > 0) {
      this.#report("limit", `the sums of ${wrong.length} domains are not those of their nodes`);
    }
  }

  #report(property: Property, message: string): void {
    this.violationCount += 1;
    if (this.violations.length < violationsKeptMax) {
      this.violations.push({ property, atMs: this.#nowMs, message });
    }
  }
}
