using static Reco.Policies.PolicyResource;

namespace Reco.Policies.Rules;

/// <summary>Pods meet the restricted Pod Security Standard
/// (https://kubernetes.io/docs/concepts/security/pod-security-standards/).</summary>
internal sealed class RestrictedPods : ResourceRule
{
    /// <inheritdoc/>
    public override string Name => "restricted-pods";

    /// <inheritdoc/>
    public override string Description => "Pods run as non-root with the runtime's seccomp profile; containers are not privileged, drop all capabilities and add none, gain no privileges and have a read-only root file system; nothing of the node is shared: no host namespaces, paths or ports.";

    /// <inheritdoc/>
    public override IEnumerable<string> Check(PolicyResource resource, PolicyContext context)
    {
        if (PodTemplate.Of(resource) is not { } template)
        {
            yield break;
        }

        foreach (var host in new[] { "hostNetwork", "hostPID", "hostIPC" })
        {
            if (At(template.Spec, host) is { BoolValue: true })
            {
                yield return $"{template.Path}.{host} is true: pods share nothing with their node.";
            }
        }

        var index = 0;
        foreach (var volume in Items(At(template.Spec, "volumes")))
        {
            // The local cluster's node is this machine, and a folder of it is how data come in.
            if (!IsMissing(At(volume, "hostPath")) && context.Config.GetValueOrDefault("reco:target") != "local")
            {
                yield return $"{template.Path}.volumes[{index}] is a hostPath: use a volume claim, a ConfigMap or an emptyDir.";
            }

            index++;
        }

        foreach (var (path, container, _) in template.Containers())
        {
            if (At(container, "securityContext", "privileged") is { BoolValue: true })
            {
                yield return $"{path}.securityContext.privileged is true: such a container is root on the node.";
            }

            if (At(container, "securityContext", "runAsUser") is { KindCase: Google.Protobuf.WellKnownTypes.Value.KindOneofCase.NumberValue, NumberValue: 0 })
            {
                yield return $"{path}.securityContext.runAsUser is 0, which is root: name another user.";
            }

            if (Items(At(container, "securityContext", "capabilities", "add")).Select(Text).FirstOrDefault(name => name is not null and not "NET_BIND_SERVICE") is { } capability)
            {
                yield return $"{path}.securityContext.capabilities.add holds {capability}: only NET_BIND_SERVICE may be added.";
            }

            if (Items(At(container, "ports")).Any(port => !IsMissing(At(port, "hostPort"))))
            {
                yield return $"{path}.ports has a hostPort: let a Service lead to the pod.";
            }

            if (!IsTrue(At(template.Spec, "securityContext", "runAsNonRoot")) && !IsTrue(At(container, "securityContext", "runAsNonRoot")))
            {
                yield return $"{path}: securityContext.runAsNonRoot must be true, here or on the pod.";
            }

            if ((At(container, "securityContext", "seccompProfile", "type") ?? At(template.Spec, "securityContext", "seccompProfile", "type")) is not { } profile
                || (!IsUnknown(profile) && Text(profile) is not "RuntimeDefault" and not "Localhost"))
            {
                yield return $"{path}: securityContext.seccompProfile.type must be RuntimeDefault, here or on the pod.";
            }

            var escalation = At(container, "securityContext", "allowPrivilegeEscalation");
            if (!IsUnknown(escalation) && escalation is not { KindCase: Google.Protobuf.WellKnownTypes.Value.KindOneofCase.BoolValue, BoolValue: false })
            {
                yield return $"{path}.securityContext.allowPrivilegeEscalation must be false.";
            }

            if (!IsTrue(At(container, "securityContext", "readOnlyRootFilesystem")))
            {
                yield return $"{path}.securityContext.readOnlyRootFilesystem must be true: mount an emptyDir where the program writes.";
            }

            var dropped = At(container, "securityContext", "capabilities", "drop");
            if (!IsUnknown(dropped) && !Items(dropped).Any(item => IsUnknown(item) || Text(item) == "ALL"))
            {
                yield return $"{path}.securityContext.capabilities.drop must hold ALL.";
            }
        }
    }
}
