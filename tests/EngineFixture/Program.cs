using Reco.EngineFixture;

// `provider ADDRESS`: the provider `test`. Without arguments: the program that program.json beside Pulumi.yaml describes.
return args is ["provider", ..] ? await DiskProvider.ServeAsync() : await DescribedProgram.RunAsync();
