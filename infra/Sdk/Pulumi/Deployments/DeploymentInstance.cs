using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Pulumi;

/// <summary>One run of a program, as the program sees it.</summary>
[SuppressMessage("Performance", "CA1822", Justification = "Official API.")]
public sealed class DeploymentInstance
{
    internal DeploymentInstance(DeploymentCore inner)
    {
        Inner = inner;
    }

    /// <summary>Name of the stack.</summary>
    public string StackName => Inner.Settings.Stack;

    /// <summary>Name of the project.</summary>
    public string ProjectName => Inner.Settings.Project;

    /// <summary>Folder of Pulumi.yaml.</summary>
    /// <exception cref="InvalidOperationException">The engine does not tell it.</exception>
    public string RootDirectory
        => Inner.Settings.RootDirectory ?? throw new InvalidOperationException("This engine does not tell the project's folder. Update the Pulumi CLI.");

    /// <summary>Organization of the stack.</summary>
    public string OrganizationName => Inner.Settings.Organization;

    /// <summary>Whether this is a preview.</summary>
    public bool IsDryRun => Inner.Settings.IsDryRun;

    internal DeploymentCore Inner { get; }

    /// <summary>Calls a function of a provider.</summary>
    public Output<T> Invoke<T>(string token, InvokeArgs args, InvokeOptions? options = null) => Invoke<T>(token, args, options, null);

    /// <summary>Calls a function of a provider after others are done.</summary>
    public Output<T> Invoke<T>(string token, InvokeArgs args, InvokeOutputOptions options) => Invoke<T>(token, args, (InvokeOptions)options, null);

    /// <summary>Calls a function of a package.</summary>
    public Output<T> Invoke<T>(string token, InvokeArgs args, InvokeOptions? options, RegisterPackageRequest? registerPackageRequest)
        => new(Inner.Functions.InvokeAsync<T>(token, args, options, registerPackageRequest));

    /// <summary>Calls a function of a package after others are done.</summary>
    public Output<T> Invoke<T>(string token, InvokeArgs args, InvokeOutputOptions options, RegisterPackageRequest? registerPackageRequest)
        => Invoke<T>(token, args, (InvokeOptions)options, registerPackageRequest);

    /// <summary>Calls a function whose result has one property.</summary>
    public Output<T> InvokeSingle<T>(string token, InvokeArgs args, InvokeOptions? options = null) => InvokeSingle<T>(token, args, options, null);

    /// <summary>Calls a function whose result has one property, after others are done.</summary>
    public Output<T> InvokeSingle<T>(string token, InvokeArgs args, InvokeOutputOptions options)
        => InvokeSingle<T>(token, args, (InvokeOptions)options, null);

    /// <summary>Calls a function of a package whose result has one property.</summary>
    public Output<T> InvokeSingle<T>(string token, InvokeArgs args, InvokeOptions? options, RegisterPackageRequest? registerPackageRequest)
        => Invoke<ImmutableDictionary<string, T>>(token, args, options, registerPackageRequest).Apply(result => result.Values.First());

    /// <summary>Calls a function of a package whose result has one property, after others are done.</summary>
    public Output<T> InvokeSingle<T>(string token, InvokeArgs args, InvokeOutputOptions options, RegisterPackageRequest? registerPackageRequest)
        => InvokeSingle<T>(token, args, (InvokeOptions)options, registerPackageRequest);

    /// <summary>Calls a function of a provider and waits for its plain result.</summary>
    public Task<T> InvokeAsync<T>(string token, InvokeArgs args, InvokeOptions? options = null) => InvokeAsync<T>(token, args, options, null);

    /// <summary>Calls a function of a package and waits for its plain result.</summary>
    public Task<T> InvokeAsync<T>(string token, InvokeArgs args, InvokeOptions? options, RegisterPackageRequest? registerPackageRequest)
        => Inner.Functions.InvokePlainAsync<T>(token, args, options, registerPackageRequest);

    /// <summary>Calls a function of a provider and waits.</summary>
    public Task InvokeAsync(string token, InvokeArgs args, InvokeOptions? options = null) => InvokeAsync<object>(token, args, options, null);

    /// <summary>Calls a function of a package and waits.</summary>
    public Task InvokeAsync(string token, InvokeArgs args, InvokeOptions? options, RegisterPackageRequest? registerPackageRequest)
        => InvokeAsync<object>(token, args, options, registerPackageRequest);

    /// <summary>Calls a function whose result has one property, and waits for it.</summary>
    public Task<T> InvokeSingleAsync<T>(string token, InvokeArgs args, InvokeOptions? options = null)
        => InvokeSingleAsync<T>(token, args, options, null);

    /// <summary>Calls a function of a package whose result has one property, and waits for it.</summary>
    public async Task<T> InvokeSingleAsync<T>(string token, InvokeArgs args, InvokeOptions? options, RegisterPackageRequest? registerPackageRequest)
        => (await InvokeAsync<ImmutableDictionary<string, T>>(token, args, options, registerPackageRequest).ConfigureAwait(false)).Values.First();

    /// <summary>Calls a method of a component.</summary>
    public Output<T> Call<T>(string token, CallArgs args, Resource? self = null, CallOptions? options = null)
        => Call<T>(token, args, self, options, null);

    /// <summary>Calls a method of a component of a package.</summary>
    public Output<T> Call<T>(string token, CallArgs args, Resource? self, CallOptions? options, RegisterPackageRequest? registerPackageRequest)
        => new(Inner.Functions.CallAsync<T>(token, args, self, options, registerPackageRequest));

    /// <summary>Calls a method of a component that gives nothing.</summary>
    public void Call(string token, CallArgs args, Resource? self = null, CallOptions? options = null)
        => Call<object>(token, args, self, options, null);

    /// <summary>Calls a method of a component of a package that gives nothing.</summary>
    public void Call(string token, CallArgs args, Resource? self, CallOptions? options, RegisterPackageRequest? registerPackageRequest)
        => Call<object>(token, args, self, options, registerPackageRequest);

    /// <summary>Registers a function that changes calls of functions.</summary>
    public void RegisterInvokeTransform(InvokeTransform transform) => Inner.Functions.AddTransform(transform);
}
