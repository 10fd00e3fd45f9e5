"""What every run on the Hugging Face Trainer needs, fine-tuning and pretraining alike: work folder, bar, precision."""
