"""Fine-tuning on the Hugging Face Trainer."""
