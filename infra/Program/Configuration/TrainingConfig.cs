namespace Reco.Infra.Configuration;

/// <summary>Settings of training.</summary>
internal sealed record TrainingConfig
{
    /// <summary><c>reco:trainingImage</c>: image by digest; on target local the one that is built here.</summary>
    public string? Image { get; init; }

    /// <summary><c>reco:epochs</c>: most passes over the training interactions.</summary>
    public int Epochs { get; init; } = 30;

    /// <summary><c>reco:batchSize</c>: interactions in a batch.</summary>
    public int BatchSize { get; init; } = 1024;

    /// <summary><c>reco:learningRate</c>.</summary>
    public double LearningRate { get; init; } = 0.003;

    /// <summary><c>reco:history</c>: most recent items that describe a user.</summary>
    public int History { get; init; } = 100;

    /// <summary><c>reco:holdoutDays</c>: the last days of the data, kept for evaluation.</summary>
    public int HoldoutDays { get; init; } = 28;

    /// <summary><c>reco:userGroups</c>: groups of users by what they buy, for the report and for requests about somebody unknown; 0 for none.</summary>
    public int UserGroups { get; init; } = 8;

    /// <summary><c>reco:ranker</c>: the second stage, which puts the towers' candidates in order.</summary>
    public RankerKind Ranker { get; init; } = RankerKind.Auto;

    /// <summary><c>reco:seed</c>: seed of everything random.</summary>
    public int Seed { get; init; } = 42;

    /// <summary><c>reco:gateMinLift</c>: least relative gain in nDCG@10 over popularity for a model to be promoted.</summary>
    public double GateMinLift { get; init; }

    /// <summary><c>reco:storeSize</c>: size of the volume that holds model bundles.</summary>
    public string StoreSize { get; init; } = "10Gi";

    /// <summary><c>reco:trainingGpus</c>: GPUs of each training pod; 0 trains on CPUs.</summary>
    public int Gpus { get; init; }

    /// <summary><c>reco:trainingGpuType</c>: kind of GPU that training wants.</summary>
    public GpuType GpuType { get; init; } = GpuType.Any;

    /// <summary>CPUs that a training pod asks for: with GPUs, the share of the node that goes with them.</summary>
    public int Cpus => Gpus == 0 ? 1 : GpuShape.Of(GpuType).Cpus * Gpus;

    /// <summary>Memory in GiB that a training pod asks for.</summary>
    public int MemoryGi => Gpus == 0 ? 1 : GpuShape.Of(GpuType).MemoryGi * Gpus;

    /// <summary><c>reco:trainingWorkers</c>: pods that train one model together.</summary>
    public int Workers { get; init; } = 1;

    /// <summary><c>reco:trainingSpot</c>: trains on spot nodes, which the cloud may take away at any moment; progress is
    /// kept on a checkpoint volume.</summary>
    public bool Spot { get; init; }

    /// <summary><c>reco:trainingDeadlineHours</c>: a job that runs longer has failed.</summary>
    public int DeadlineHours { get; init; } = 24;

    /// <summary><c>reco:trainingRetries</c>: pods that may fail by themselves before the job has failed; those that a
    /// node took with it are not counted.</summary>
    public int Retries { get; init; } = 1;

    /// <summary><c>reco:trainingClientId</c>: client ID of the Azure identity that training pods act as (workload
    /// identity); null: none. Target azure has its own.</summary>
    public string? ClientId { get; init; }

    /// <summary><c>reco:retrainSchedule</c>: cron expression at which a model is trained anew; null: never.</summary>
    public string? RetrainSchedule { get; init; }

    /// <summary><c>reco:retrainTimeZone</c>: time zone of the schedule, by its IANA name.</summary>
    public string RetrainTimeZone { get; init; } = "Etc/UTC";

    /// <summary>The queue that training waits in.</summary>
    public TrainingQueueConfig Queue { get; init; } = new();

    /// <summary>Training on demand.</summary>
    public TrainingTriggerConfig Trigger { get; init; } = new();
}

/// <summary>The Kueue queue that training jobs wait in until there is quota for all of their pods.</summary>
internal sealed record TrainingQueueConfig
{
    /// <summary><c>reco:trainingQueue</c>: name of the LocalQueue; null: jobs start at once.</summary>
    public string? Name { get; init; }

    /// <summary><c>reco:trainingQuotaCpus</c>: CPUs of the queue. 0: somebody else made the queue; else the stack makes it.</summary>
    public int QuotaCpus { get; init; }

    /// <summary><c>reco:trainingQuotaMemory</c>: memory of the queue.</summary>
    public string QuotaMemory { get; init; } = "64Gi";

    /// <summary><c>reco:trainingQuotaGpus</c>: GPUs of the queue.</summary>
    public int QuotaGpus { get; init; }

    /// <summary>Whether the stack makes the queue.</summary>
    public bool IsOwn => Name is not null && QuotaCpus > 0;
}

/// <summary>Training on demand: one training job for each message in an Azure storage queue.</summary>
internal sealed record TrainingTriggerConfig
{
    /// <summary><c>reco:trainingTriggerQueue</c>: name of the storage queue; null: no training on demand.</summary>
    public string? Queue { get; init; }

    /// <summary><c>reco:trainingTriggerAccount</c>: storage account of the queue. Target azure has its own.</summary>
    public string? Account { get; init; }
}
