# The ten checks of ../packs/ten-pod-checks for Rego. The input is a document of any kind that runs pods.
package pods

import rego.v1

pod := input if input.kind == "Pod"

pod := input.template if input.kind == "PodTemplate"

pod := input.spec.template if input.kind in {"ReplicationController", "ReplicaSet", "Deployment", "StatefulSet", "DaemonSet", "Job"}

pod := input.spec.jobTemplate.spec.template if input.kind == "CronJob"

containers contains c if some c in pod.spec.initContainers

containers contains c if some c in pod.spec.containers

containers contains c if some c in pod.spec.ephemeralContainers

findings contains ["bench-host-network", "uses the host's network"] if pod.spec.hostNetwork == true

findings contains ["bench-host-pid", "shares the host's PID namespace"] if pod.spec.hostPID == true

findings contains ["bench-host-ipc", "shares the host's IPC namespace"] if pod.spec.hostIPC == true

findings contains ["bench-host-path", message] if {
	some volume in pod.spec.volumes
	volume.hostPath
	message := concat("", ["volume `", volume.name, "` mounts the host's `", object.get(volume.hostPath, "path", ""), "`"])
}

findings contains ["bench-privileged", message] if {
	some c in containers
	c.securityContext.privileged == true
	message := concat("", ["container `", c.name, "` runs privileged"])
}

findings contains ["bench-escalation", message] if {
	some c in containers
	not c.securityContext.allowPrivilegeEscalation == false
	message := concat("", ["container `", c.name, "` may gain privileges"])
}

non_root(c) := c.securityContext.runAsNonRoot

non_root(c) := pod.spec.securityContext.runAsNonRoot if not has_non_root(c)

has_non_root(c) if {
	c.securityContext.runAsNonRoot == true
}

has_non_root(c) if {
	c.securityContext.runAsNonRoot == false
}

findings contains ["bench-non-root", message] if {
	some c in containers
	not non_root(c)
	message := concat("", ["container `", c.name, "` may run as root"])
}

findings contains ["bench-drop-all", message] if {
	some c in containers
	not drops_all(c)
	message := concat("", ["container `", c.name, "` keeps capabilities"])
}

drops_all(c) if "ALL" in c.securityContext.capabilities.drop

findings contains ["bench-host-port", message] if {
	some c in containers
	some port in c.ports
	port.hostPort
	port.hostPort != 0
	message := concat("", ["container `", c.name, "` uses host port ", format_int(port.hostPort, 10)])
}

findings contains ["bench-memory-limit", message] if {
	some c in containers
	not c.resources.limits.memory
	message := concat("", ["container `", c.name, "` has no memory limit"])
}
