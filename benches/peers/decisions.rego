# The ten checks of ../packs/ten-pod-checks for Rego, without messages: which of them fail. The input is a document of
# any kind that runs pods.
package decisions

import rego.v1

pod := input if input.kind == "Pod"

pod := input.template if input.kind == "PodTemplate"

pod := input.spec.template if input.kind in {"ReplicationController", "ReplicaSet", "Deployment", "StatefulSet", "DaemonSet", "Job"}

pod := input.spec.jobTemplate.spec.template if input.kind == "CronJob"

containers contains c if some c in pod.spec.initContainers

containers contains c if some c in pod.spec.containers

containers contains c if some c in pod.spec.ephemeralContainers

failed contains "bench-host-network" if pod.spec.hostNetwork == true

failed contains "bench-host-pid" if pod.spec.hostPID == true

failed contains "bench-host-ipc" if pod.spec.hostIPC == true

failed contains "bench-host-path" if {
	some volume in pod.spec.volumes
	volume.hostPath
}

failed contains "bench-privileged" if {
	some c in containers
	c.securityContext.privileged == true
}

failed contains "bench-escalation" if {
	some c in containers
	not c.securityContext.allowPrivilegeEscalation == false
}

non_root(c) := c.securityContext.runAsNonRoot

non_root(c) := pod.spec.securityContext.runAsNonRoot if not has_non_root(c)

has_non_root(c) if {
	c.securityContext.runAsNonRoot == true
}

has_non_root(c) if {
	c.securityContext.runAsNonRoot == false
}

failed contains "bench-non-root" if {
	some c in containers
	not non_root(c)
}

failed contains "bench-drop-all" if {
	some c in containers
	not drops_all(c)
}

drops_all(c) if "ALL" in c.securityContext.capabilities.drop

failed contains "bench-host-port" if {
	some c in containers
	some port in c.ports
	port.hostPort
	port.hostPort != 0
}

failed contains "bench-memory-limit" if {
	some c in containers
	not c.resources.limits.memory
}
