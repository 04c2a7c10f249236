import type { SitePlan } from "@ertis/provisioning-model";
import type { Manifest } from "../manifest.ts";
import { renderStack } from "../render-stack.ts";
import { certificate, issuerManifests } from "./certificates.ts";
import { ironicManifests } from "./ironic.ts";
import { namespaceManifests } from "./namespaces.ts";
import { providerManifests } from "./providers.ts";
import { secretStoreManifest } from "./secret-store.ts";
import { sharedSite } from "./shared-site.ts";
import { stateDatabaseManifests } from "./state-database.ts";

/**
 * What the management cluster holds besides its add-ons: namespaces, certificates, the way to secrets,
 * the providers of Cluster API, Ironic, and the database for the state of the other stacks. One cluster
 * serves all sites.
 */
export function managementManifests(plans: readonly SitePlan[]): readonly Manifest[] {
  const plan = sharedSite(plans);
  return renderStack({ project: "management", stack: "main" }, [
    ...namespaceManifests(),
    ...issuerManifests(),
    certificate({
      name: "openbao",
      namespace: "openbao",
      // Its members find each other by the names behind the headless service, and probe themselves.
      dnsNames: [
        "openbao.openbao.svc",
        "openbao.openbao.svc.cluster.local",
        "*.openbao-internal",
        "*.openbao-internal.openbao.svc.cluster.local",
        "localhost",
      ],
      ipAddresses: ["127.0.0.1"],
    }),
    secretStoreManifest(),
    ...providerManifests(plan.registry),
    ...ironicManifests(plan),
    ...stateDatabaseManifests(plan),
  ]);
}
