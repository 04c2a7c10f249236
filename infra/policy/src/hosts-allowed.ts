import { isIP } from "node:net";
import type { Facts } from "./facts.ts";

/** Names that never leave the cluster or the machine; one without a dot is a Service beside the caller. */
const inside = /^[^.]+$|\.(?:svc|cluster\.local|localhost)$/;

/** Private, loopback and link-local addresses; everything else is somebody else's network. */
const privateAddress =
  /^(?:10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|0\.0\.0\.0$|::1?$|f[cd][\da-f]{2}:|fe80:)/i;

/** The domains whose hosts may be named: those of this stack's site, or of all sites for `main`. */
export function allowedDomains(facts: Facts): readonly string[] {
  const plans = facts.plan === undefined ? facts.plans : [facts.plan];
  return [...new Set(plans.flatMap((plan) => plan.allowedDomains))];
}

/** Whether a host is in the country, on a private network, or in the cluster itself. */
export function isAllowedHost(host: string, domains: readonly string[]): boolean {
  const name = host
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "");
  if (isIP(name) !== 0) {
    return privateAddress.test(name);
  }
  return (
    inside.test(name) ||
    domains.some((domain) => {
      const suffix = domain.startsWith(".") ? domain : `.${domain}`;
      return name.endsWith(suffix) || name === suffix.slice(1);
    })
  );
}

/**
 * The registry an image or chart comes from: `docker.io` where none is written, as every container
 * runtime assumes.
 */
export function registryOf(image: string): string {
  const [first = "", ...rest] = image.replace(/^[a-z]+:\/\//, "").split("/");
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  return isHost ? first.replace(/:\d+$/, "") : "docker.io";
}
