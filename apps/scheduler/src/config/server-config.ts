import type { Physics } from "@ertis/executor-simulated";
import { milliseconds } from "@ertis/quantities";
import { defaultLimits, type EngineLimits } from "@ertis/scheduler-engine";
import type { LogRetention } from "@ertis/scheduler-runtime";
import type { Credential } from "../auth/authenticate.ts";
import type { Role } from "../auth/people.ts";
import { defaultServerLimits, type ServerLimits } from "../limits/limits.ts";
import { defaultRate, type Rate } from "../limits/token-bucket.ts";

export interface ClusterConfig {
  readonly site: string;
  readonly seed: number;
  /** True: in a process of its own that outlives the server. */
  readonly isOwnProcess: boolean;
  readonly physics: Partial<Physics>;
  /** So often its meters are read; absent or 0: nothing is measured, and plans go by bounds. */
  readonly measureEveryMs?: number;
}

/** Often enough to steer a one-minute mean. */
export const measureEveryMsDefault = 10_000;

export interface SiteConfig {
  /** As named in messages. */
  readonly file: string;
  readonly text: string;
  readonly phases: "built" | "all";
}

export interface TlsConfig {
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly clientAuthorityFile: string | undefined;
}

export interface SnapshotConfig {
  readonly everyRows: number;
  readonly everyCharacters: number;
}

/** Everything the server is told; read from a file, or put together by `npm start` and tests. */
export interface ServerConfig {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Undefined: the log lives in memory and ends with the process. */
  readonly dataDirectory: string | undefined;
  readonly retention: LogRetention;
  readonly snapshots: SnapshotConfig;
  readonly limits: ServerLimits;
  readonly engineLimits: EngineLimits;
  readonly sites: readonly SiteConfig[];
  readonly clock: "real" | "stepped";
  /** Where a stepped clock begins when there is no history yet, ms since 1970. */
  readonly clockStartMs: number;
  readonly clusters: readonly ClusterConfig[];
  /** Empty: every project a person belongs to exists. */
  readonly projects: readonly string[];
  readonly people: readonly Credential[];
  /** Everybody who can connect is the operator `local`: allowed on loopback only. */
  readonly isWithoutAuth: boolean;
  readonly rate: Rate;
  readonly rateByRole: Readonly<Partial<Record<Role, Rate>>>;
  readonly tls: TlsConfig | undefined;
}

const dayMs = 86_400_000;

/** Loopback, memory, real time, nobody known: what a file or a test starts from. */
export const defaultConfig: ServerConfig = {
  host: "127.0.0.1",
  port: 7070,
  dataDirectory: undefined,
  retention: { rowsMax: 2_000_000, ageMax: milliseconds(30 * dayMs) },
  snapshots: { everyRows: 200_000, everyCharacters: 200_000_000 },
  limits: defaultServerLimits,
  engineLimits: defaultLimits,
  sites: [],
  clock: "real",
  clockStartMs: Date.UTC(2026, 0, 1),
  clusters: [],
  projects: [],
  people: [],
  isWithoutAuth: false,
  rate: defaultRate,
  rateByRole: {},
  tls: undefined,
};
