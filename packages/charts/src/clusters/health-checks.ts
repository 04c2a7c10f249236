import type { HealthCheck, TemplateReference } from "../kinds/cluster-api.ts";

/** Inspection, writing the image and the first start of a host with much memory take most of an hour. */
const nodeStartupTimeoutSeconds = 5400;

/** Longer than a reboot after a crash, so that a host that helps itself is left alone. */
const unhealthyAfterSeconds = 900;

/**
 * Health of bare metal. More than a few sick machines at once are a feed, a switch or a bad image, and
 * writing hosts anew would help none of these: then nothing is touched, and people are called.
 */
export function healthCheck(options: {
  readonly sickMachinesMax: number;
  /** One at a time; a control plane is always mended one by one and does not take the field. */
  readonly isInFlightLimited: boolean;
  readonly remediation: TemplateReference | undefined;
}): HealthCheck {
  const { sickMachinesMax, isInFlightLimited, remediation } = options;
  return {
    checks: {
      nodeStartupTimeoutSeconds,
      unhealthyNodeConditions: (["Unknown", "False"] as const).map((status) => ({
        type: "Ready",
        status,
        timeoutSeconds: unhealthyAfterSeconds,
      })),
    },
    remediation: {
      ...(isInFlightLimited ? { maxInFlight: 1 } : {}),
      triggerIf: { unhealthyLessThanOrEqualTo: sickMachinesMax },
      ...(remediation === undefined ? {} : { templateRef: remediation }),
    },
  };
}
