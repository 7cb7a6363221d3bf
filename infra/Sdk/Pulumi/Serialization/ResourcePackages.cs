using System.Collections.Concurrent;
using System.Reflection;

namespace Pulumi.Serialization;

/// <summary>Makes objects of generated resource classes from references to resources.</summary>
internal static class ResourcePackages
{
    private static readonly ConcurrentDictionary<Assembly, ILookup<string, (Type Class, string? Version)>> Classes = new();

    /// <summary>An object of the class for the URN's type; null if no loaded assembly has one.</summary>
    /// <param name="urn">URN of a resource that exists.</param>
    /// <param name="version">Version of its package; any if empty.</param>
    public static Resource? TryConstruct(string urn, string version)
    {
        var type = Urn.Type(urn);
        var candidates = AppDomain.CurrentDomain.GetAssemblies()
            .Where(assembly => !assembly.IsDynamic)
            .SelectMany(assembly => Classes.GetOrAdd(assembly, Scan)[type])
            .OrderByDescending(found => System.Version.TryParse(found.Version?.Split('-', '+')[0], out var v) ? v : new());
        foreach (var (resourceClass, classVersion) in candidates)
        {
            if ((version.Length == 0 || string.IsNullOrEmpty(classVersion) || classVersion == version)
                && FindConstructor(resourceClass) is { } constructor)
            {
                return Construct(constructor, urn);
            }
        }
        return null;
    }

    private static ILookup<string, (Type Class, string? Version)> Scan(Assembly assembly)
    {
        var sdk = typeof(Resource).Assembly.GetName().Name;
        if (!assembly.GetReferencedAssemblies().Any(reference => reference.Name == sdk))
        {
            return Array.Empty<(Type, string?)>().ToLookup(_ => "");
        }
        Type?[] types;
        try
        {
            types = assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            types = e.Types;
        }
        return types.Where(t => t is not null && typeof(Resource).IsAssignableFrom(t))
            .Select(t => (Class: t!, Token: t!.GetCustomAttribute<ResourceTypeAttribute>(inherit: false)))
            .Where(t => t.Token is not null)
            .ToLookup(t => t.Token!.Type, t => (t.Class, t.Token!.Version));
    }

    private static ConstructorInfo? FindConstructor(Type resourceClass)
        => resourceClass.GetConstructors().FirstOrDefault(constructor =>
            constructor.GetParameters() is [var name, var args, var options]
            && name.ParameterType == typeof(string)
            && typeof(ResourceArgs).IsAssignableFrom(args.ParameterType)
            && typeof(ResourceOptions).IsAssignableFrom(options.ParameterType));

    private static Resource Construct(ConstructorInfo constructor, string urn)
    {
        var parameters = constructor.GetParameters();
        var options = (ResourceOptions)Activator.CreateInstance(parameters[2].ParameterType)!;
        options.Urn = urn;
        return (Resource)constructor.Invoke(BindingFlags.DoNotWrapExceptions, binder: null, [Urn.Name(urn), null, options], culture: null);
    }
}
