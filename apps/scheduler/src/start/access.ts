import { isIP } from "node:net";
import {
  authenticateByToken,
  authenticateNobody,
  type Authenticate,
} from "../auth/authenticate.ts";
import type { Person } from "../auth/people.ts";
import type { ServerConfig } from "../config/server-config.ts";
import type { Rate } from "../limits/token-bucket.ts";
import { StartProblem } from "./problem.ts";

/** Without people anybody who can connect is an operator: that must not be a network. */
export function checkAccess(config: ServerConfig): void {
  if (config.people.length > 0 && !config.isWithoutAuth) {
    return;
  }
  if (!config.isWithoutAuth) {
    throw new StartProblem(
      "usage",
      "no people are configured, so nobody could call",
      "name people in the configuration, or try it out on this machine alone with --insecure-no-auth",
    );
  }
  if (!isLoopback(config.host)) {
    throw new StartProblem(
      "usage",
      `--insecure-no-auth on ${config.host} would make everybody who can reach it an operator`,
      "listen on 127.0.0.1, or name people in the configuration",
    );
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** By token, or nobody at all on a server that only this machine can reach. */
export function authenticateOf(config: ServerConfig): Authenticate {
  return config.isWithoutAuth
    ? authenticateNobody({ name: "local", roles: ["operator"], projects: new Set(["*"]) })
    : authenticateByToken(config.people);
}

/** The most generous rate of a person's roles. */
export function rateOf(config: ServerConfig): (person: Person) => Rate {
  return ({ roles }) =>
    roles
      .flatMap((role) => config.rateByRole[role] ?? [])
      .reduce(
        (best, rate) => (rate.callsPerSecond > best.callsPerSecond ? rate : best),
        config.rate,
      );
}
